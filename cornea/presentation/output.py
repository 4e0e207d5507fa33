"""The only module that prints. It prints answers to stdout, and everything else to stderr."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from . import plain

COLORS = ("auto", "always", "never")

_started = time.perf_counter()
_level = 0


def write(text: str, end: str = "\n") -> None:
    """Print a line of the answer. A closed pipe raises BrokenPipeError, which `cli.run` handles."""
    with _naming_stdout():
        sys.stdout.write(text + end)


def write_json(value: object) -> None:
    """Print a value of a declared type as one line of JSON in ASCII."""
    import json

    from retrieval.typed_json import encode

    write(json.dumps(encode(value)))


def flush() -> None:
    """Flush stdout, for a program that reads the answer as it is written."""
    with _naming_stdout():
        sys.stdout.flush()


@contextmanager
def _naming_stdout() -> Iterator[None]:
    """A context that adds the name of the stream to an OSError, because the system does not."""
    try:
        yield
    except OSError as error:
        error.filename = "standard output"
        raise


def say(text: str) -> None:
    """Print a message to the user. Control characters are escaped, because `text` may quote a file name."""
    _stderr(f"cornea: {plain.code(text)}")


def error(text: str) -> None:
    """Print an error message in one line."""
    _stderr(f"cornea: error: {plain.code(' '.join(text.split()))}")


def set_verbosity(level: int) -> None:
    """Set how much is printed.

    Level 1 (-v) prints `debug` lines; level 2 also prints the logs of libraries.
    """
    global _level  # noqa: PLW0603 - the process has one stderr
    _level = level
    if level > 1:
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)


def debug(text: str) -> None:
    """With -v, print a line that begins with the milliseconds since the start of the program."""
    if _level:
        _stderr(f"cornea: {1000 * (time.perf_counter() - _started):6.0f} ms  {plain.code(text)}")


def trace(text: str) -> None:
    """Print a traceback."""
    _stderr("\n".join(plain.code(line) for line in text.rstrip().split("\n")))


def _stderr(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return  # stderr is closed, and there is no other stream on which to report that


def wants_color(choice: str, stream: IO[str]) -> bool:
    """Whether to use colour on `stream`.

    With "auto", no colour is used if NO_COLOR is set, on a dumb terminal, or in a pipe.
    """
    if choice != "auto":
        return choice == "always"
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether `stream` is a terminal that understands control sequences."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def can_ask() -> bool:
    """Whether the user can be asked a question, because stdin and stderr are terminals."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(question: str) -> bool:
    """Ask the user a question on the terminal, and return whether the answer is yes.

    The default answer is no. Ctrl-C ends the line and raises click.Abort.
    """
    import click

    try:
        return click.confirm(f"cornea: {plain.code(question)}", default=False, err=True)
    except click.Abort:
        _stderr("")
        raise


def prepare() -> None:
    """Make the standard streams usable in every locale, even if the caller closed some of them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _null_stream(number))
    for output in (sys.stdout, sys.stderr):
        reconfigure = getattr(output, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _null_stream(number: int) -> IO[str]:
    """A null stream with the file descriptor `number`.

    If the descriptor stayed free, a file opened later could get the descriptor, and our messages would be
    written into that file.
    """
    handle = os.open(os.devnull, os.O_RDWR)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    return open(number, "w" if number else "r", encoding="utf-8", closefd=False)


def discard_stdout() -> None:
    """Discard all further output to stdout, because the reader of stdout is gone."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def counted(number: int, noun: str) -> str:
    """A number with its noun, for example "1 file" or "1,234 files"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
