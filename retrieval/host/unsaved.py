"""Merges fragments of unsaved buffers into the hits of the index.

The ranker can only rank fragments of the index. A fragment of a buffer is therefore inserted before the first
hit that is less similar to the query. This similarity is a simple measure that is computed for all hits and
for the fragments of buffers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoding import bm25
from indexer.fragment import Fragment, SourceFile
from indexer.parsing.languages import name_of
from indexer.parsing.source import Source, refuse_text
from indexer.store import DENSE

from ..candidates import LEXICAL
from ..query import Filters, Query
from ..ranking.reranker import limit_per_file
from ..ranking.scaling import Vector, weighted_mean
from ..result import Hit
from ..searcher import PROFILE_WEIGHTS
from .documents import MAX_CUT_BYTES

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

MIN_TERM_OVERLAP = 0.5
"""A fragment of a buffer must contain at least this weighted share of the query's terms, unless the query
names the fragment."""
_HEAD = 4096
"""Number of first bytes from which the language of a buffer is detected."""
_BUFFERS = 16
"""Number of buffers whose fragments are cached."""


def merge_unsaved(
    query: Query, hits: Sequence[Hit], unsaved: Mapping[str, str], encoder: Encoder, limit: int, per_file: int
) -> list[Hit]:
    """The hits, merged with fragments that occur only in `unsaved`, which maps paths to texts.

    Returns at most `limit` hits, and at most `per_file` hits of one file. Returns `hits` if the query has
    filters or is code.
    """
    if not unsaved or query.title or query.filters != Filters():
        return list(hits)
    known = {(hit.path, hit.start_line, hit.end_line) for hit in hits}
    added = [
        hit
        for path, text in unsaved.items()
        for hit in _fragment_hits(path, text)
        if (hit.path, hit.start_line, hit.end_line) not in known
    ]
    added = [hit for hit in added if all(phrase in hit.text for phrase in query.phrases)]
    added = [hit for hit in added if _is_named(query, hit) or _term_overlap(query, hit) >= MIN_TERM_OVERLAP]
    if not added:
        return list(hits)
    # A long function may be split differently in the buffer, so remove hits that overlap with new pieces.
    hits = [hit for hit in hits if not any(_overlap(hit, one) for one in added)]
    similarity = _similarities(query, [*hits, *added], encoder)
    of_hits, of_added = similarity[: len(hits)], similarity[len(hits) :]
    merged = list(zip(hits, of_hits, strict=True))
    for number in sorted(range(len(added)), key=lambda n: (-of_added[n], n)):
        merged = _insert(merged, added[number], float(of_added[number]))
    return limit_per_file((hit for hit, _ in merged), limit, per_file)


def _overlap(one: Hit, other: Hit) -> bool:
    return one.path == other.path and one.start_line <= other.end_line and other.start_line <= one.end_line


def _insert(merged: Sequence[tuple[Hit, float]], hit: Hit, similarity: float) -> list[tuple[Hit, float]]:
    """Insert a hit before the first hit that is less similar to the query, and with the score of that hit."""
    at = next((n for n, (_, other) in enumerate(merged) if other < similarity), len(merged))
    neighbour = merged[min(at, len(merged) - 1)][0].score if merged else 0.0
    return [*merged[:at], (replace(hit, score=neighbour), similarity), *merged[at:]]


def _similarities(query: Query, hits: Sequence[Hit], encoder: Encoder) -> Vector:
    """The similarity of each hit to the query [n]. It is 1 higher for a definition that the query names."""
    vectors = encoder.documents([hit.text for hit in hits], [f"{hit.symbol} {hit.path}" for hit in hits])
    columns = {
        LEXICAL: np.array([_term_overlap(query, hit) for hit in hits]),
        DENSE: (vectors @ encoder.query(query.text)).astype(np.float64),
    }
    named = np.array([float(_is_named(query, hit)) for hit in hits])
    return np.asarray(weighted_mean(columns, PROFILE_WEIGHTS["hybrid"]) + named, np.float64)


def _term_overlap(query: Query, hit: Hit) -> float:
    """The weighted share of the query's terms that occur in a hit's name, path or text."""
    has = bm25.count(f"{hit.symbol} {hit.path} {hit.text}")
    return sum(w for term, w in query.weights.items() if term in has) / sum(query.weights.values())


def _is_named(query: Query, hit: Hit) -> bool:
    """Whether the query names the definition of a hit."""
    symbol = hit.symbol.lower()
    return bool(symbol) and any(name in (symbol, symbol.rsplit(".", 1)[-1]) for name in query.names)


@lru_cache(maxsize=_BUFFERS)
def _fragment_hits(path: str, text: str) -> tuple[Hit, ...]:
    """The fragments of a buffer, as hits with score 0. There are none if the buffer is large or refused."""
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_CUT_BYTES or refuse_text(path, data) is not None:
        return ()
    return tuple(_hit(fragment) for fragment in _fragments(path, data))


def _fragments(path: str, data: bytes) -> list[Fragment]:
    from indexer.analysis.fragment_points import fragments

    file = SourceFile(path, Path(path), len(data), 0)
    source = Source(file, data, data, "utf-8", "", len(data), 0)
    return fragments(source, "", name_of(path, data[:_HEAD]))


def _hit(fragment: Fragment) -> Hit:
    return Hit(
        path=fragment.path,
        start_line=fragment.span.start_line,
        end_line=fragment.span.end_line,
        symbol=fragment.symbol,
        kind=fragment.kind,
        language=fragment.language,
        score=0.0,
        text=fragment.text,
    )
