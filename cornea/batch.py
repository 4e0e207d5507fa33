"""Many questions from one process: a JSON line in, a JSON line out."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from typing import Any, cast

from indexer import decoding
from indexer.errors import StoreError, UsageError

from .codes import ERROR, NOTHING, OK
from .inputs import outside_hint, outside_path
from .presentation import output
from .presentation.render import dumps

MAX_LINE = 1_000_000
"""Bytes of a question; a longer line is an error, not a question."""


def answer_lines(lines: Iterable[bytes], answer: Callable[[bytes], dict[str, Any]]) -> int:
    """Print the answer to every line that is not blank: an object with `results`, or with `error`.

    Returns the exit code: 2 if a line was bad, else 0 if anything was found, else 1.
    """
    found = bad = False
    for line in lines:
        if not line.strip():
            continue
        row = answer(line)
        found = found or bool(row.get("results"))
        bad = bad or "error" in row
        output.write(dumps(row))
        output.flush()
    return ERROR if bad else OK if found else NOTHING


def answer_line(
    line: bytes, example: str, respond: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """The answer to one line: its id, and what `respond` makes of it, or the error.

    An error of the store is nobody's line's fault, and is raised.
    """
    identity: Any = None
    try:
        row = parse(line, example)
        identity = identified(row, example)
        return {"id": identity, **respond(row)}
    except StoreError:
        raise
    except UsageError as error:
        return {"id": identity, "error": str(error)}


def parse(line: bytes, example: str) -> dict[str, Any]:
    """A line as a JSON object. Raises UsageError, which shows how a line looks."""
    if len(line) > MAX_LINE:
        raise UsageError(f"a line of more than {MAX_LINE:,} bytes; shorten the question")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON ({error}); a line is {example}") from error
    if not isinstance(value, dict):
        raise UsageError(f"not a JSON object; a line is {example}")
    return value


def identified(row: Mapping[str, Any], example: str) -> Any:
    """The id that a line's answer is given. Raises UsageError for none, or one that JSON cannot write."""
    identity = row.get("id")
    if identity is None or isinstance(identity, dict | list):
        raise UsageError(f'"id" is missing; a line is {example}')
    if isinstance(identity, float) and not math.isfinite(identity):
        raise UsageError('"id" is no number that JSON can have; write a smaller one, or a string')
    return identity


@contextmanager
def lines_of(file: str, option: str = "--batch") -> Iterator[Iterator[bytes]]:
    """The lines of a file that an option names, "-" for stdin, as they come. Raises UsageError."""
    if file == "-":
        yield _read(cast(BufferedReader, sys.stdin.buffer))
        return
    try:
        stream = open(outside_path(file), "rb")  # noqa: SIM115, PTH123 - closed below; the name is as typed
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise UsageError(f"{option} {file}: {why}{outside_hint(file)}; name a file or -") from error
    with stream:
        yield _read(stream)


def _read(stream: BufferedReader) -> Iterator[bytes]:
    """Lines as they come, in UTF-8; of one that is too long the beginning, to keep memory bounded."""
    encoding, _ = decoding.marked(stream.peek(4))
    if encoding != "utf-8":
        yield from _converted(stream, encoding)
        return
    while line := stream.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE + 1)
            if not line:
                return


def _converted(stream: BufferedReader, encoding: str) -> Iterator[bytes]:
    """The lines of a stream in UTF-16 or UTF-32, in UTF-8; one that is too long comes in parts."""
    text = TextIOWrapper(stream, encoding, "replace")
    try:
        while line := text.readline(MAX_LINE + 1):
            yield line.removeprefix("\ufeff").encode("utf-8", "replace")
    finally:
        text.detach()  # the stream is closed by who opened it
