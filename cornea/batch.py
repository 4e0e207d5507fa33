"""Answers many requests in one process: it reads lines of JSON, and prints one line of JSON for each."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from typing import TYPE_CHECKING, Any, TypeVar, cast

from indexer import decoding
from indexer.errors import InternalError, UsageError

from .codes import ERROR, NOTHING, OK
from .inputs import outside_hint, outside_path
from .presentation import output

if TYPE_CHECKING:
    from .presentation.json_answers import BatchAnswer, BatchError, BatchLine

T = TypeVar("T", bound="BatchLine")

MAX_LINE = 1_000_000
"""Length in bytes of the longest accepted line. The answer to a longer line is an error."""


def answer_lines(
    lines: Iterable[bytes], kind: type[T], example: str, respond: Callable[[T], BatchAnswer[Any]]
) -> int:
    """Print the answer to every line that is not blank: an object that has `results` or `error`.

    `respond` returns the answer to a line of type `kind`. The id of the line is added to the answer.
    Returns the exit code: 2 if an answer has an error, else 0 if an answer has results, else 1. Raises
    StoreError instead of printing it, because such an error concerns the index and not the line.
    """
    from .presentation.json_answers import BatchError

    found = bad = False
    for line in lines:
        if not line.strip():
            continue
        answer = _answer(line, kind, example, respond)
        if isinstance(answer, BatchError):
            bad = True
        else:
            found = found or bool(answer.results)
        output.write_json(answer)
        output.flush()
    return ERROR if bad else OK if found else NOTHING


def _answer(
    line: bytes, kind: type[T], example: str, respond: Callable[[T], BatchAnswer[Any]]
) -> BatchAnswer[Any] | BatchError:
    from .presentation.json_answers import BatchError

    identity: Any = None
    try:
        row = _parse(line, example)
        identity = _id_of(row, example)
        answer = respond(_decoded(row, kind, example))
    except (UsageError, InternalError) as error:
        return BatchError(identity, str(error))
    answer.id = identity
    return answer


def _decoded(row: Mapping[str, Any], kind: type[T], example: str) -> T:
    from retrieval.typed_json import decode

    try:
        return decode(kind, row)
    except UsageError as error:
        raise UsageError(f"{error}; example of a line: {example}") from error


def _parse(line: bytes, example: str) -> dict[str, Any]:
    """A line, parsed as a JSON object. Raises UsageError, whose message has an example of a line."""
    if len(line) > MAX_LINE:
        raise UsageError(f"the line is longer than {MAX_LINE:,} bytes; shorten the query")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON ({error}); example of a line: {example}") from error
    if not isinstance(value, dict):
        raise UsageError(f"not a JSON object; example of a line: {example}")
    return value


def _id_of(row: Mapping[str, Any], example: str) -> Any:
    """The id of a line; the answer repeats this id. Raises UsageError if the id is missing or not finite."""
    identity = row.get("id")
    if identity is None or isinstance(identity, dict | list):
        raise UsageError(f'"id" is missing; example of a line: {example}')
    if isinstance(identity, float) and not math.isfinite(identity):
        raise UsageError('"id" is too large for a JSON number; use a smaller number or a string')
    return identity


@contextmanager
def lines_of(file: str, option: str = "--batch") -> Iterator[Iterator[bytes]]:
    """A context with the lines of a file, which are read as they arrive. The file "-" is stdin.

    Raises UsageError, which names `option`, if the file cannot be opened.
    """
    if file == "-":
        yield _read(cast(BufferedReader, sys.stdin.buffer))
        return
    try:
        stream = open(outside_path(file), "rb")  # noqa: SIM115, PTH123 - closed below; `file` is what was typed
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise UsageError(f"{option} {file}: {why}{outside_hint(file)}; name a file or -") from error
    with stream:
        yield _read(stream)


def _read(stream: BufferedReader) -> Iterator[bytes]:
    """The lines of a stream, in UTF-8, as they arrive.

    A line longer than MAX_LINE is cut, to limit memory.
    """
    encoding, _ = decoding.marked(stream.peek(4))
    if encoding != "utf-8":
        yield from _read_wide(stream, encoding)
        return
    while line := stream.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE + 1)
            if not line:
                return


def _read_wide(stream: BufferedReader, encoding: str) -> Iterator[bytes]:
    """The lines of a UTF-16 or UTF-32 stream, in UTF-8. A line longer than MAX_LINE is yielded in parts."""
    text = TextIOWrapper(stream, encoding, "replace")
    try:
        while line := text.readline(MAX_LINE + 1):
            yield line.removeprefix("\ufeff").encode("utf-8", "replace")
    finally:
        text.detach()  # so that the caller, and not the wrapper, closes the stream
