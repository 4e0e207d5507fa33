"""Finds the fragments with a line that a pattern matches, for `search` with patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.fragment import language_of
from indexer.store import Filter, HasId, Store

from ..filtering import conditions, paths_in_folder
from ..query import Filters
from ..result import Hit

if TYPE_CHECKING:
    from .search import Grep

_FIELDS = ("path", "start_line", "end_line", "symbol", "kind", "language", "text")


def matching_ids(
    grep: Grep, patterns: tuple[str, ...], documents: dict[str, str], filters: Filters, store: Store
) -> list[str]:
    """The ids of the fragments that match and pass the filters, in the order of `grep`.

    A file that has changed since it was indexed has no such fragments. Raises UsageError for a pattern that
    is not supported or takes too long.
    """
    from ..host.requests import GrepParams

    folder = (filters.folder,) if filters.folder else ()
    asked = GrepParams(patterns=patterns, paths=folder, documents=documents)
    found = grep.find(asked, store)[0]
    lines = sorted(
        (line.rank, file.text.entry.path, line.number, line.piece.id)
        for file in found
        for line in file.lines
        if line.piece is not None and line.piece.id
    )
    ids = list(dict.fromkeys(id for *_, id in lines))
    where = conditions(filters, lambda: paths_in_folder(store, grep.tenant, filters))
    if not ids or where is None:
        return []
    passing = {
        record.id for record in store.scroll(where.fragments & Filter((HasId(tuple(ids)),)), ("path",))
    }
    return [id for id in ids if id in passing]


def hits_of(ids: list[str], store: Store) -> list[Hit]:
    """The fragments with these ids as hits, in this order. Scores fall evenly with the position."""
    found = {record.id: record.payload for record in store.fetch(ids, _FIELDS)}
    return [
        Hit(
            path=found[id]["path"],
            start_line=found[id]["start_line"],
            end_line=found[id]["end_line"],
            symbol=found[id]["symbol"],
            kind=found[id]["kind"],
            language=language_of(found[id]),
            score=1.0 - place / len(ids),
            text=found[id]["text"],
        )
        for place, id in enumerate(ids)
        if id in found
    ]
