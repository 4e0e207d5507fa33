"""Many questions from one process: a JSON line in, a JSON line out."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from typing import Any, cast

from indexer import decoding
from indexer.errors import StoreError, UsageError
from retrieval.host import incomplete
from retrieval.host.answers import hits

from . import session
from .asking import Ask, asking
from .context import load
from .inputs import outside_hint, outside_path
from .options import Invocation
from .presentation import output
from .presentation.render import dumps
from .scope import Scope, emptied_in, say_nothing, why_empty
from .searching import Wanted, params

_EXAMPLE = '{"id": ..., "query": "..."}'

MAX_LINE = 1_000_000
"""Bytes of a question; a longer line is an error, not a question."""


def run(file: str, asked: Wanted, state: Invocation) -> int:
    """Answer every line of `file`; 2 if one of them was bad, else 0 if anything was found, else 1."""
    context = load(flags=asked.flags)
    session.warn(context)
    scope = Scope.of(context, whole=asked.whole)
    wants = params(asked, context, context.search.profile, scope)
    scope.tell()
    found = bad = False
    emptied: list[str] = []
    color = output.wants_color(state.color, sys.stderr)
    with (
        lines_of(file) as lines,
        asking(context, refresh=asked.refresh, yes=asked.yes, color=color) as ask,
    ):
        for line in lines:
            if not line.strip():
                continue
            answer = _answer(line, ask, wants, asked.explain, scope, emptied)
            found = found or bool(answer.get("results"))
            bad = bad or "error" in answer
            output.write(dumps(answer))
            output.flush()
    if emptied and not found:
        say_nothing(scope, emptied, asked.named(), why_empty(scope, emptied, context))
    return 2 if bad else int(not found)


def _answer(
    line: bytes, ask: Ask, wants: Mapping[str, Any], explain: bool, scope: Scope, emptied: list[str]
) -> dict[str, Any]:
    identity: Any = None
    try:
        question = parse(line, _EXAMPLE)
        identity = identified(question, _EXAMPLE)
        text = question.get("query")
        if not isinstance(text, str):
            raise UsageError(f'"query" is missing or no text; a line is {_EXAMPLE}')
        found = ask("search", {"query": text, **wants})
        emptied[:] = emptied_in(found)
    except StoreError:
        raise  # the store's trouble is not this line's
    except UsageError as error:
        return {"id": identity, "error": str(error)}
    rows = [hit.as_json(explain) for hit in hits(found)]
    return {"id": identity, **scope.as_json, "results": rows, **incomplete.counts(found)}


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
