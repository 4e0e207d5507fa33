"""The one place that writes: answers to stdout, everything else to stderr."""

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
    """A line of the answer. A closed pipe surfaces as BrokenPipeError, which `cli.run` takes for the end."""
    with _named():
        sys.stdout.write(text + end)


def flush() -> None:
    """Hand over what was written; used where a program reads along."""
    with _named():
        sys.stdout.flush()


@contextmanager
def _named() -> Iterator[None]:
    """What fails here is the answer's way out; the system does not say so."""
    try:
        yield
    except OSError as error:
        error.filename = "standard output"
        raise


def say(text: str) -> None:
    """A line for the person who waits, neutralised: it may quote a file name."""
    _stderr(f"cornea: {plain.code(text)}")


def error(text: str) -> None:
    """The one line of a failure."""
    _stderr(f"cornea: error: {plain.code(' '.join(text.split()))}")


def listen(level: int) -> None:
    """How much to say: 1 is -v, from 2 on libraries speak too."""
    global _level  # noqa: PLW0603 - the process has one stderr
    _level = level
    if level > 1:
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)


def debug(text: str) -> None:
    """A line for -v, with the milliseconds since the start."""
    if _level:
        _stderr(f"cornea: {1000 * (time.perf_counter() - _started):6.0f} ms  {plain.code(text)}")


def trace(text: str) -> None:
    """A traceback, for -v."""
    _stderr("\n".join(plain.code(line) for line in text.rstrip().split("\n")))


def _stderr(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return  # nobody listens; there is no third stream to complain on


def wants_color(choice: str, stream: IO[str]) -> bool:
    """Whether to colour `stream`: by itself not under NO_COLOR, on a dumb terminal or in a pipe."""
    if choice != "auto":
        return choice == "always"
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a person looks at `stream` through a terminal that understands more than text."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def can_ask() -> bool:
    """Whether there is a person to answer a question."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(question: str) -> bool:
    """Yes or no on the terminal, no by default. Ctrl-C raises click.Abort, with the question's line ended."""
    import click

    try:
        return click.confirm(f"cornea: {plain.code(question)}", default=False, err=True)
    except click.Abort:
        _stderr("")
        raise


def prepare() -> None:
    """Three streams that can be written to whatever the locale, even where the caller has closed some."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(number))
    for output in (sys.stdout, sys.stderr):
        reconfigure = getattr(output, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _nowhere(number: int) -> IO[str]:
    """A stream with this number, so that no file gets it and with it what is meant for people."""
    handle = os.open(os.devnull, os.O_RDWR)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    return open(number, "w" if number else "r", encoding="utf-8", closefd=False)


def abandon() -> None:
    """Nobody reads stdout any more: the rest goes nowhere, also what the interpreter flushes at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def counted(number: int, noun: str) -> str:
    """A number of things, in words: "1 file", "1,234 files"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
