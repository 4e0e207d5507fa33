"""The method `cochange`: the files and functions that changed in the same commits as a file or a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from indexer.analysis.fragment_points import lookup_name
from indexer.errors import UsageError
from indexer.fragment import KINDS
from indexer.store import Filter, Match

from ..cochange import CommonChanges, Function, cochanges
from ..similar import fragment_at
from .relation_answers import Cochange, CochangeAnswer

if TYPE_CHECKING:
    from indexer.index.commits import Past
    from indexer.index.index import Index
    from indexer.store import Store

    from .requests import CochangeParams

_DEFINITIONS = ("function", "method", "class")
_PLACE = ("path", "symbol", "kind", "name", "start_line", "end_line")
_SPARE = 4
"""How many times more functions than answers are looked up, because many no longer exist."""


def answer(index: Index, store: Store, past: Past, params: CochangeParams, limit: int) -> CochangeAnswer:
    """What changed together with the file, or with the function or class at the line or of the name.

    Each list has at most `limit` items.

    Raises UsageError if the root has no such file, or the file has no such definition.
    """
    if limit < 1:
        raise UsageError(f"limit must be at least 1, not {limit}")
    name = _name(index, store, params)
    found = cochanges(past.commits, params.path, name)
    prefix = f"{params.folder}/" if params.folder else ""
    inside = [one for one in found.files if one.item.startswith(prefix)]
    files = [one for one in inside if (index.root / one.item).is_file()]
    named = [one for one in found.functions if one.item[0].startswith(prefix)]
    functions = _existing(index, store, named[: limit * _SPARE])
    return CochangeAnswer(
        name=name,
        changes=found.changes,
        files=[_row(one, path=one.item) for one in files[:limit]],
        functions=functions[:limit],
        missing=[past.missing] if past.missing else [],
    )


def _name(index: Index, store: Store, params: CochangeParams) -> str:
    """The last part of the name of the function or class that is asked about. "" means the whole file."""
    path = params.path
    if not (index.root / path).is_file() and index.manifest.entry(path) is None:
        raise UsageError(f"{path}: no such file; paths are relative to the root {index.root}")
    if params.line is None and not params.name:
        return ""
    where = index.tenant_filter & Filter((Match("path", (path,)), Match("kind", KINDS)))
    records = list(store.scroll(where, _PLACE))
    if params.name:
        wanted = lookup_name(params.name)
        for record in records:
            if record.payload["name"] == wanted and record.payload["kind"] in _DEFINITIONS:
                return _last_part(record.payload)
        raise UsageError(f"{path}: no definition named {params.name!r}; `cornea outline` lists them")
    if not records or params.line is None:
        return ""
    chosen = fragment_at(records, params.line).payload
    inside = chosen["start_line"] <= params.line <= chosen["end_line"]
    return _last_part(chosen) if inside and chosen["kind"] in _DEFINITIONS else ""


def _last_part(payload: Mapping[str, Any]) -> str:
    return str(payload["symbol"]).rpartition(".")[2]


def _existing(index: Index, store: Store, found: Sequence[CommonChanges[Function]]) -> list[Cochange]:
    """The functions that the index still has, with their places. Several of one name give the first."""
    if not found:
        return []
    where = index.tenant_filter & Filter(
        (
            Match("path", tuple({one.item[0] for one in found})),
            Match("name", tuple({lookup_name(one.item[1]) for one in found})),
            Match("kind", _DEFINITIONS),
        )
    )
    places: dict[tuple[str, str], Mapping[str, Any]] = {}
    for record in store.scroll(where, _PLACE):
        payload = record.payload
        key = payload["path"], payload["name"]
        if key not in places or payload["start_line"] < places[key]["start_line"]:
            places[key] = payload
    rows = []
    for one in found:
        path, name = one.item
        place = places.get((path, lookup_name(name)))
        if place is not None:
            rows.append(_row(one, path=path, symbol=place["symbol"], start_line=place["start_line"]))
    return rows


def _row(one: CommonChanges[Any], *, path: str, symbol: Any = UNSET, start_line: Any = UNSET) -> Cochange:
    return Cochange(
        path=path,
        symbol=symbol,
        start_line=start_line,
        together=one.together,
        changes=one.changes,
        commit=one.commit,
        time=one.time,
        subject=one.subject,
        score=one.score,
    )
