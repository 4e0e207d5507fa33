"""Reads the whole functions that hits are parts of. The index stores a long function as several fragments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from indexer.store import Filter, Match, Record, Store

from .result import Excerpt, Hit

_CUT = ("function", "method")
"""The kinds of fragments that may be parts of a longer definition."""
_FIELDS = ("path", "kind", "symbol", "start_line", "end_line", "start_byte", "end_byte")


def definitions_around(
    store: Store, tenant: Filter, hits: Sequence[Hit], unsaved: Collection[str] = ()
) -> list[Excerpt]:
    """The whole function around each hit. For a hit that is no part of a longer function, its own lines.

    `unsaved` are the paths of files whose hits have other lines and texts than the store; their hits stay as
    they are. `tenant` is the filter for the points of the index.
    """
    paths = {hit.path for hit in hits if hit.kind in _CUT and hit.symbol and hit.path not in unsaved}
    pieces = _pieces(store, tenant, sorted(paths))
    chosen = [_around(hit, pieces.get(hit.path, ())) for hit in hits]
    wanted = sorted({one.id for records in chosen for one in records})
    texts = {one.id: str(one.payload["text"]) for one in store.fetch(wanted, ("text",))} if wanted else {}
    return [_joined(hit, records, texts) for hit, records in zip(hits, chosen, strict=True)]


def _pieces(store: Store, tenant: Filter, paths: Sequence[str]) -> Mapping[str, list[Record]]:
    """The fragments of functions in these files, in file order."""
    found: dict[str, list[Record]] = defaultdict(list)
    if paths:
        for record in store.scroll(
            tenant & Filter((Match("path", tuple(paths)), Match("kind", _CUT))), _FIELDS
        ):
            found[record.payload["path"]].append(record)
    for records in found.values():
        records.sort(key=lambda one: int(one.payload["start_byte"]))
    return found


def _around(hit: Hit, records: Sequence[Record]) -> Sequence[Record]:
    """The pieces of the function of a hit. Returns () if the hit is the whole function.

    The pieces of one function follow each other without a gap, unlike two functions of the same name. Between
    them may be those of a function inside it.
    """
    at = next((n for n, one in enumerate(records) if _is(one, hit)), None)
    if at is None:
        return ()
    first = last = at
    inner = f"{hit.symbol}."
    belongs = [
        one.payload["symbol"] == hit.symbol or one.payload["symbol"].startswith(inner) for one in records
    ]
    meets = [a.payload["end_byte"] == b.payload["start_byte"] for a, b in pairwise(records)]
    while first > 0 and belongs[first - 1] and meets[first - 1]:
        first -= 1
    while last + 1 < len(records) and belongs[last + 1] and meets[last]:
        last += 1
    return records[first : last + 1] if first < last else ()


def _is(record: Record, hit: Hit) -> bool:
    of_record = record.payload["symbol"], record.payload["start_line"], record.payload["end_line"]
    return of_record == (hit.symbol, hit.start_line, hit.end_line)


def _joined(hit: Hit, records: Sequence[Record], texts: Mapping[str, str]) -> Excerpt:
    if not records or any(one.id not in texts for one in records):
        return Excerpt(hit.start_line, hit.text)
    return Excerpt(int(records[0].payload["start_line"]), "".join(texts[one.id] for one in records))
