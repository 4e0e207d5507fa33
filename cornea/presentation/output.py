"""The only module that prints: answers to stdout, everything else to stderr."""

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


def flush() -> None:
    """Flush stdout, for a program that reads the answer as it is written."""
    with _naming_stdout():
        sys.stdout.flush()


@contextmanager
def _naming_stdout() -> Iterator[None]:
    """Add the name of the stream to an OSError; the system does not."""
    try:
        yield
    except OSError as error:
        error.filename = "standard output"
        raise


def say(text: str) -> None:
    """Print a message to the user, with control characters escaped: it may quote a file name."""
    _stderr(f"cornea: {plain.code(text)}")


def error(text: str) -> None:
    """Print an error message in one line."""
    _stderr(f"cornea: error: {plain.code(' '.join(text.split()))}")


def set_verbosity(level: int) -> None:
    """Set how much is printed: 1 (-v) prints `debug` lines, 2 and more also the logs of libraries."""
    global _level  # noqa: PLW0603 - the process has one stderr
    _level = level
    if level > 1:
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)


def debug(text: str) -> None:
    """With -v, print a line with the milliseconds since the start."""
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
        return  # stderr is closed, and there is no other stream to report that on


def wants_color(choice: str, stream: IO[str]) -> bool:
    """Whether to use colour on `stream`. "auto" does not under NO_COLOR, on a dumb terminal or in a pipe."""
    if choice != "auto":
        return choice == "always"
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether `stream` is a terminal that understands control sequences."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def can_ask() -> bool:
    """Whether a user can be asked a question: stdin and stderr are terminals."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(question: str) -> bool:
    """Ask yes or no on the terminal; no is the default. Ctrl-C ends the line and raises click.Abort."""
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
    """A null stream with this file descriptor. A file that got the descriptor would receive our messages."""
    handle = os.open(os.devnull, os.O_RDWR)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    return open(number, "w" if number else "r", encoding="utf-8", closefd=False)


def discard_stdout() -> None:
    """Discard further output to stdout, whose reader is gone, including the interpreter's last flush."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 file", "1,234 files"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
