"""What `locate` does: read the issue, ask the index of the work tree or of a commit, show the answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import click

from indexer import decoding
from indexer.errors import StoreError, UsageError
from indexer.walk import git
from retrieval.host import incomplete

from . import session
from .asking import Ask, asking, of_index
from .batch import identified, lines_of, parse
from .codes import NOTHING, OK
from .context import Context, load
from .inputs import outside_hint, outside_path
from .options import Invocation, invocation
from .places import as_seen
from .presentation import output, plain
from .presentation.render import dumps
from .scope import Scope, emptied_in, say_nothing, why_empty

_METHOD = "locate"
_MAX_BYTES = 10_000_000
"""Bytes of an issue; more is no issue."""
_SHOWN = 60
"""Characters that are shown of what was taken for a file's name."""
_EXAMPLE = '{"id": ..., "text": "..."}'


@dataclass(frozen=True, slots=True)
class Asked:
    """The options."""

    limit: int
    level: str
    form: str
    explain: bool
    rev: str | None
    whole: bool
    refresh: bool
    yes: bool


def read(file: str) -> str:
    """An issue's text; "-" is stdin. Raises UsageError for what is no text."""
    if file == "-":
        return _text(_taken(sys.stdin.buffer), "stdin")
    try:
        with open(outside_path(file), "rb") as stream:  # noqa: PTH123 - the name is as it was typed
            return _text(_taken(stream), file)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a path").lower()
        if isinstance(error, IsADirectoryError | PermissionError) or not file.split()[1:]:
            where = outside_hint(file) if isinstance(error, FileNotFoundError) else ""
            raise UsageError(f"{file}: {why}{where}; name a file with the issue's text, or -") from error
        said = " ".join(file.split())
        raise UsageError(
            f"{said if len(said) <= _SHOWN else said[:_SHOWN] + '...'}: {why}; "
            "for the issue's text itself write --text"
        ) from error


def _taken(stream: IO[bytes]) -> bytes:
    return stream.read(_MAX_BYTES + 1)


def _text(content: bytes, name: str) -> str:
    if len(content) > _MAX_BYTES:
        raise UsageError(f"{name}: more than {_MAX_BYTES:,} bytes; give the issue alone, without its logs")
    return decoding.decoded(content, name)


def answer(issue: str, asked: Asked, state: Invocation) -> int:
    """Answer one issue; the exit code."""
    from retrieval.localization.issue import parse_issue

    title = parse_issue(issue).title  # what says nothing needs no index
    context = load()
    session.warn(context)
    scope = Scope.of(context, whole=asked.whole)
    scope.tell()
    with _asking(context, asked, state) as ask:
        found = _located(issue, ask, asked, scope)
    for line in found["missing"]:
        output.say(f"missing: {line}")
    return _show(title, found, asked, context, scope)


def answer_batch(file: str, asked: Asked, state: Invocation) -> int:
    """Answer every line of `file`; 2 if one of them was bad, else 0 if anything was found, else 1."""
    context = load()
    session.warn(context)
    scope = Scope.of(context, whole=asked.whole)
    scope.tell()
    found = bad = False
    with lines_of(file) as lines, _asking(context, asked, state) as ask:
        for line in lines:
            if not line.strip():
                continue
            row = _answered(line, ask, asked, scope)
            found = found or bool(row.get("results"))
            bad = bad or "error" in row
            output.write(dumps(row))
            output.flush()
    return 2 if bad else int(not found)


def _answered(line: bytes, ask: Ask, asked: Asked, scope: Scope) -> dict[str, Any]:
    identity: Any = None
    try:
        row = parse(line, _EXAMPLE)
        identity, text = identified(row, _EXAMPLE), row.get("text")
        if not isinstance(text, str):
            raise UsageError(f'"text" is missing or no text; a line is {_EXAMPLE}')
        found = _located(text, ask, asked, scope)
    except StoreError:
        raise  # the store's trouble is not this line's
    except UsageError as error:
        return {"id": identity, "error": str(error)}
    return {"id": identity, **scope.as_json, "results": _rows(found, asked), **_besides(found)}


def _located(text: str, ask: Ask, asked: Asked, scope: Scope) -> dict[str, Any]:
    """The answer; what was not read of a long issue is among what is missing."""
    from retrieval.localization import shortening

    part = shortening.shorten(text)
    params = {"text": part.text, "limit": asked.limit, "explain": asked.explain, "folder": scope.folder}
    found = ask(_METHOD, params)
    return found | {"missing": [*([part.remark] if part.remark else []), *found["missing"]]}


@contextmanager
def _asking(context: Context, asked: Asked, state: Invocation) -> Iterator[Ask]:
    """Whom to ask about the work tree, or about the commit that was asked for, brought up to date."""
    color = output.wants_color(state.color, sys.stderr)
    if asked.rev is None:
        if git.is_bare(context.root):
            raise UsageError(f"{context.root}: a bare clone has no work tree; name a commit: --rev HEAD")
        with asking(context, refresh=asked.refresh, yes=asked.yes, color=color) as ask:
            yield ask
        return
    from indexer.index.index import Index
    from indexer.walk.revision import Revision

    revision = Revision(context.root, asked.rev)
    found = Index.open(context.root, context.config, revision=revision, on_wait=output.say)
    with session.up_to_date(found, None, refresh=True, yes=asked.yes, color=color) as index:
        yield of_index(index, context.search)


def _rows(found: dict[str, Any], asked: Asked) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found["files" if asked.level == "file" else "functions"]
    return rows


def _besides(found: dict[str, Any]) -> dict[str, Any]:
    """What JSON says besides the results."""
    return {"missing": found["missing"], **incomplete.counts(found)}


def _show(title: str, found: dict[str, Any], asked: Asked, context: Context, scope: Scope) -> int:
    rows = _rows(found, asked)
    if asked.form == "json":
        output.write(dumps({"query": title, **scope.as_json, "results": rows, **_besides(found)}))
    elif asked.form == "jsonl":
        for row in rows:
            output.write(dumps(row))
    else:
        seen = as_seen(context)
        for number, row in enumerate(rows, 1):
            for line in _lines(number, row | {"path": seen(row["path"])}, asked.form):
                output.write(line)
    if not rows:
        emptied = emptied_in(found)
        why = why_empty(scope, emptied, context) if asked.rev is None else ""
        say_nothing(scope, emptied, {}, why)
    return OK if rows else NOTHING


def _lines(number: int, row: dict[str, Any], form: str) -> Iterator[str]:
    """An answer for people, or for an editor: a function with its lines and its name, or a file."""
    path, symbol = plain.name(row["path"]), plain.name(row.get("symbol", ""))
    if form == "vimgrep":
        yield f"{path}:{row.get('start_line', 1)}:1:{symbol}"
        return
    place = f"{path}:{row['start_line']}-{row['end_line']}" if "start_line" in row else path
    why = [plain.code(reason) for reason in row.get("why", ())]
    if form == "markdown":
        head = " ".join(f"`{part}`" for part in (place, symbol) if part)
        yield f"{number}. {head}" + (f": {'; '.join(why)}" if why else "")
        return
    head = "  ".join(part for part in (place, symbol) if part)
    color = output.wants_color(invocation().color, sys.stdout)
    yield f"{click.style(head, fg='cyan') if color else head}  ({row['score']:.2f})"
    yield from (f"  {reason}" for reason in why)
