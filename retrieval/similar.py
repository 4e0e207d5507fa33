"""Makes a query from the code at a line, to find similar code."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.analysis.fragment_points import title_of
from indexer.encoding import bm25
from indexer.errors import UsageError
from indexer.fragment import KINDS
from indexer.index.index import Index
from indexer.pipeline import options
from indexer.store import Filter, Match, Record, Store
from indexer.walk.walk import explain

from .query import Filters, Query, log_weights

_FIELDS = ("path", "kind", "symbol", "members", "start_line", "end_line", "text")


def query_for_location(index: Index, store: Store, path: str, line: int, filters: Filters) -> Query:
    """Returns the fragment at a line of an indexed file as a query.

    Raises UsageError if the file is not indexed.
    """
    where = Filter((Match("repo", (index.repo,)), Match("path", (path,)), Match("kind", KINDS)))
    records = list(store.scroll(where, _FIELDS))
    if records:
        chosen = fragment_at(records, line)
        return query_from_record(chosen, ids_of_symbol(records, chosen), filters)
    entry = index.manifest.entry(path)
    why = (entry.reason or "no code in it") if entry else explain(index.root, path, options(index.config))
    raise UsageError(f"{path}: not indexed ({why}); `cornea status --why` tells more about a path")


def query_from_record(record: Record, exclude: Sequence[str], filters: Filters | None = None) -> Query:
    """Make a query from a stored fragment. Fragments with an id in `exclude` are no answers to the query."""
    text = str(record.payload["text"])
    return Query(
        text=text,
        weights=log_weights(bm25.count(text)),
        names=(),
        words=(),
        title=title_of(record.payload),
        filters=filters or Filters(),
        exclude=frozenset(exclude),
    )


def fragment_at(records: Sequence[Record], line: int) -> Record:
    """Returns the shortest fragment that contains a line.

    If no fragment contains the line, returns the nearest fragment. If a fragment above the line and a
    fragment below the line are equally near, returns the fragment below.
    """

    def distance(record: Record) -> tuple[int, bool, int, int]:
        first, last = int(record.payload["start_line"]), int(record.payload["end_line"])
        return max(first - line, line - last, 0), last < line, last - first, -first

    return min(records, key=distance)


def ids_of_symbol(records: Sequence[Record], chosen: Record) -> list[str]:
    """Returns the ids of all records that have the symbol of `chosen`.

    Returns only the id of `chosen` if its symbol is empty.
    """
    symbol = chosen.payload["symbol"]
    if not symbol:
        return [chosen.id]
    return [record.id for record in records if record.payload["symbol"] == symbol]
