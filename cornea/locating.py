"""What `locate` does: read the issue, ask the index of the work tree or of a commit, show the answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

import click

from indexer import git
from indexer.errors import StoreError, UsageError
from retrieval import plain
from retrieval.render import dumps

from . import output, session
from .batch import identified, lines_of, parse
from .context import Context, load
from .options import Invocation
from .places import as_seen

if TYPE_CHECKING:
    from indexer.index import Index
    from retrieval.localization.locator import Locator
    from retrieval.localization.result import Located, Location, Suspect

_MAX_BYTES = 10_000_000
"""Bytes of an issue; more is no issue."""
_EXAMPLE = '{"id": ..., "text": "..."}'


@dataclass(frozen=True, slots=True)
class Asked:
    """The options."""

    limit: int
    level: str
    form: str
    explain: bool
    rev: str | None
    refresh: bool
    yes: bool


def read(file: str) -> str:
    """An issue's text; "-" is stdin. Raises UsageError for what is no text."""
    if file == "-":
        return _text(_taken(sys.stdin.buffer), "stdin")
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - the name is as it was typed
            return _text(_taken(stream), file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise UsageError(f"{file}: {why.lower()}; name a file with the issue's text, or -") from error


def _taken(stream: IO[bytes]) -> bytes:
    return stream.read(_MAX_BYTES + 1)


def _text(content: bytes, name: str) -> str:
    if len(content) > _MAX_BYTES:
        raise UsageError(f"{name}: more than {_MAX_BYTES:,} bytes; give the issue alone, without its logs")
    if b"\0" in content:
        raise UsageError(f"{name}: binary, not text; give the issue's text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 (byte {error.start}); convert it, or give --text") from error


def answer(issue: str, asked: Asked, state: Invocation) -> int:
    """Answer one issue; the exit code."""
    from retrieval.localization.issue import understand

    title = understand(issue).title  # what says nothing needs no index
    context = load()
    session.warn(context)
    with _locator(context, asked, state) as locator:
        found = locator.locate(issue, limit=asked.limit)
    for line in found.missing:
        output.say(f"missing: {line}")
    return _show(title, found, asked, context)


def answer_batch(file: str, asked: Asked, state: Invocation) -> int:
    """Answer every line of `file`; 2 if one of them was bad, else 0 if anything was found, else 1."""
    context = load()
    session.warn(context)
    found = bad = False
    with lines_of(file) as lines, _locator(context, asked, state) as locator:
        for line in lines:
            if not line.strip():
                continue
            row = _answered(line, locator, asked)
            found = found or bool(row.get("results"))
            bad = bad or "error" in row
            output.write(dumps(row))
            output.flush()
    return 2 if bad else int(not found)


def _answered(line: bytes, locator: Locator, asked: Asked) -> dict[str, Any]:
    identity: Any = None
    try:
        row = parse(line, _EXAMPLE)
        identity, text = identified(row, _EXAMPLE), row.get("text")
        if not isinstance(text, str):
            raise UsageError(f'"text" is missing or no text; a line is {_EXAMPLE}')
        found = locator.locate(text, limit=asked.limit)
    except StoreError:
        raise  # the store's trouble is not this line's
    except UsageError as error:
        return {"id": identity, "error": str(error)}
    return {"id": identity, "results": _rows(found, asked), "missing": list(found.missing)}


@contextmanager
def _locator(context: Context, asked: Asked, state: Invocation) -> Iterator[Locator]:
    """Over the index of the work tree, or of the commit that was asked for, brought up to date."""
    from indexer.commits import past
    from retrieval.localization.locator import Locator

    color = output.wants_color(state.color, sys.stderr)
    with _index(context, asked, color) as index:
        commit = index.revision.commit if index.revision else "HEAD"
        output.debug("history")
        known = past(index.root, index.folder, commit, say=output.say)
        output.debug(f"{len(known.commits):,} commits; functions")
        yield Locator.of_store(index.store, index.tenant, known, index.encoder)


@contextmanager
def _index(context: Context, asked: Asked, color: bool) -> Iterator[Index]:
    if asked.rev is None:
        if git.is_bare(context.root):
            raise UsageError(f"{context.root}: a bare clone has no work tree; name a commit: --rev HEAD")
        with session.fresh(context, refresh=asked.refresh, yes=asked.yes, color=color) as index:
            yield index
        return
    from indexer.index import Index
    from indexer.revision import Revision

    revision = Revision(context.root, asked.rev)
    found = Index.open(context.root, context.config, revision=revision, on_wait=output.say)
    with session.up_to_date(found, refresh=True, yes=asked.yes, color=color) as index:
        yield index


def _rows(found: Located, asked: Asked) -> list[dict[str, Any]]:
    if asked.level == "file":
        return [one.as_json() for one in found.files]
    return [one.as_json(asked.explain) for one in found.functions]


def _show(title: str, found: Located, asked: Asked, context: Context) -> int:
    rows = _rows(found, asked)
    if asked.form == "json":
        output.write(dumps({"query": title, "results": rows, "missing": list(found.missing)}))
    elif asked.form == "jsonl":
        for row in rows:
            output.write(dumps(row))
    else:
        seen = as_seen(context)
        if asked.level == "file":
            lines = _files([replace(one, path=seen(one.path)) for one in found.files], asked)
        else:
            one_by_one = [
                replace(s, function=replace(s.function, path=seen(s.function.path))) for s in found.functions
            ]
            lines = _functions(one_by_one, asked)
        for line in lines:
            output.write(line)
    if not rows and output.is_terminal(sys.stdout):
        output.say("nothing found")
    return 0 if rows else 1


def _functions(found: Sequence[Suspect], asked: Asked) -> Iterator[str]:
    color = output.wants_color(_color(), sys.stdout)
    for number, one in enumerate(found, 1):
        path, symbol = plain.name(one.function.path), plain.name(one.function.symbol)
        start, end = one.function.start, one.function.end
        if asked.form == "vimgrep":
            yield f"{path}:{start}:1:{symbol}"
            continue
        why = "; ".join(plain.code(reason) for reason in one.why)
        if asked.form == "markdown":
            yield f"{number}. `{path}:{start}-{end}` `{symbol}`" + (f": {why}" if asked.explain else "")
            continue
        head = f"{path}:{start}-{end}  {symbol}"
        yield f"{click.style(head, fg='cyan') if color else head}  ({one.score:.2f})"
        if asked.explain:
            yield from (f"  {plain.code(reason)}" for reason in one.why)


def _files(found: Sequence[Location], asked: Asked) -> Iterator[str]:
    for number, one in enumerate(found, 1):
        path = plain.name(one.path)
        if asked.form == "vimgrep":
            yield f"{path}:1:1:"
        elif asked.form == "markdown":
            yield f"{number}. `{path}`"
        else:
            yield f"{path}  ({one.score:.2f})"


def _color() -> str:
    from .options import invocation

    return invocation().color
