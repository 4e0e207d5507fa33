"""Finds the fragments with a line that a pattern matches, for `search` with patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from indexer.fragment import language_of
from indexer.store import Filter, HasId, Store

from ..filtering import conditions, paths_in_folder
from ..host import unsaved
from ..host.unsaved import NewFragment
from ..query import Filters
from ..result import Hit

if TYPE_CHECKING:
    from ..host.current_texts import CurrentTexts
    from .search import Grep

_FIELDS = ("path", "start_line", "end_line", "symbol", "kind", "language", "text")


def matching_fragments(
    grep: Grep, patterns: tuple[str, ...], texts: CurrentTexts, filters: Filters, store: Store
) -> list[str | NewFragment]:
    """The fragments that match and pass the filters, in the order of `grep`.

    They are ids of the index's fragments, and the fragments of texts that differ from the index: unsaved ones
    and files that have changed. Raises UsageError for a pattern that is not supported or takes too long.
    """
    from ..host.requests import GrepParams

    folder = (filters.folder,) if filters.folder else ()
    asked = GrepParams(patterns=patterns, paths=folder, documents=dict(texts.buffers))
    found = grep.find(asked, store)[0]
    lines = sorted(
        (line.rank, file.text.entry.path, line.number, line.piece.id, line.piece[:2])
        for file in found
        for line in file.lines
        if line.piece is not None
    )
    where = conditions(filters, lambda: paths_in_folder(store, grep.tenant, filters))
    if not lines or where is None:
        return []
    fresh = {path: _present(path, texts) for path in {path for _, path, _, id, _ in lines if not id}}
    passing = {one.fragment.id for ones in fresh.values() for one in unsaved.passing(filters, ones.values())}
    if ids := tuple({id for *_, id, _ in lines if id}):
        indexed = where.fragments & Filter((HasId(ids),))
        passing |= {record.id for record in store.scroll(indexed, ("path",))}
    matching: dict[str, str | NewFragment] = {}
    for _, path, _, id, extent in lines:
        new = None if id else fresh[path].get(extent)
        if id in passing:
            matching.setdefault(id, id)
        elif new is not None and new.fragment.id in passing:
            matching.setdefault(new.fragment.id, new)
    return list(matching.values())


def _present(path: str, texts: CurrentTexts) -> dict[tuple[int, int], NewFragment]:
    """The fragments of a text that differs from the index, by their first and last lines."""
    found = texts.if_different(path)
    if found is None or found.text is None:
        return {}
    fragments = unsaved.fragments_of_text(path, found.text)
    return {(one.span.start_line, one.span.end_line): NewFragment(one, found.source) for one in fragments}


def hits_of(matching: Sequence[str | NewFragment], store: Store) -> list[Hit]:
    """The fragments as hits, in this order. Scores fall evenly with the position."""
    ids = [one for one in matching if isinstance(one, str)]
    known = {record.id: record.payload for record in store.fetch(ids, _FIELDS)} if ids else {}
    found = []
    for place, one in enumerate(matching):
        score = 1.0 - place / len(matching)
        if not isinstance(one, str):
            found.append(replace(one.hit, score=score))
        elif one in known:
            found.append(_hit(known[one], score))
    return found


def _hit(payload: Mapping[str, Any], score: float) -> Hit:
    return Hit(
        path=payload["path"],
        start_line=payload["start_line"],
        end_line=payload["end_line"],
        symbol=payload["symbol"],
        kind=payload["kind"],
        language=language_of(payload),
        score=score,
        text=payload["text"],
    )
