"""Answers from buffers that are not saved: what the index cannot know takes its place among what it does.

The learned order is that of indexed code. A fragment of a buffer is put before the first hit that is less
like the question than it is, by the same simple measure for both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.encoding import bm25
from indexer.fragment import Fragment, SourceFile
from indexer.parsing.languages import name_of
from indexer.parsing.source import Source, refuse_text

from ..query import Filters, Query
from ..result import Hit
from .documents import MAX_CUT_BYTES

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

LEAST = 0.5
"""A fragment without so much of the question's words is no answer, unless it is what the question names."""
_HEAD = 4096
_BUFFERS = 16
_LEXICAL, _DENSE, _NAMED = 0.4, 0.6, 1.0


def answers(
    query: Query, hits: Sequence[Hit], unsaved: Mapping[str, str], encoder: Encoder, limit: int, per_file: int
) -> list[Hit]:
    """The hits, and among them what only `unsaved` texts by path have; at most `limit`, `per_file` of a file.

    Nothing is added where a question has filters, or is code.
    """
    if not unsaved or query.title or query.filters != Filters():
        return list(hits)
    known = {(hit.path, hit.start_line, hit.end_line) for hit in hits}
    fresh = [
        hit
        for path, text in unsaved.items()
        for hit in _cut(path, text)
        if (hit.path, hit.start_line, hit.end_line) not in known
    ]
    fresh = [hit for hit in fresh if all(phrase in hit.text for phrase in query.phrases)]
    fresh = [hit for hit in fresh if _named(query, hit) or _shared(query, hit) >= LEAST]
    if not fresh:
        return list(hits)
    # A long function may be cut elsewhere now: its pieces as they are, not some of before among them.
    hits = [hit for hit in hits if not any(_overlap(hit, one) for one in fresh)]
    likeness = _likeness(query, [*hits, *fresh], encoder)
    of_hits, of_fresh = likeness[: len(hits)], likeness[len(hits) :]
    merged = list(zip(hits, of_hits, strict=True))
    for number in sorted(range(len(fresh)), key=lambda n: (-of_fresh[n], n)):
        merged = _inserted(merged, fresh[number], float(of_fresh[number]))
    return _spread((hit for hit, _ in merged), limit, per_file)


def _overlap(one: Hit, other: Hit) -> bool:
    return one.path == other.path and one.start_line <= other.end_line and other.start_line <= one.end_line


def _inserted(merged: Sequence[tuple[Hit, float]], hit: Hit, likeness: float) -> list[tuple[Hit, float]]:
    """With the hit before the first one that is less like the question; it gets that one's score."""
    place = next((n for n, (_, other) in enumerate(merged) if other < likeness), len(merged))
    neighbour = merged[min(place, len(merged) - 1)][0].score if merged else 0.0
    return [*merged[:place], (replace(hit, score=neighbour), likeness), *merged[place:]]


def _spread(hits: Iterable[Hit], limit: int, per_file: int) -> list[Hit]:
    seen: Counter[str] = Counter()
    found = []
    for hit in hits:
        seen[hit.path] += 1
        if seen[hit.path] <= per_file:
            found.append(hit)
    return found[:limit]


def _likeness(query: Query, hits: Sequence[Hit], encoder: Encoder) -> NDArray[np.float64]:
    """How much each hit [n] is like the question."""
    vectors = encoder.documents([hit.text for hit in hits], [f"{hit.symbol} {hit.path}" for hit in hits])
    dense = vectors @ encoder.query(query.text)
    rest = [_LEXICAL * _shared(query, hit) + _NAMED * _named(query, hit) for hit in hits]
    return np.asarray(_DENSE * dense + np.asarray(rest), np.float64)


def _shared(query: Query, hit: Hit) -> float:
    """The share of the question's terms that a fragment has, by their weights."""
    has = bm25.count(f"{hit.symbol} {hit.path} {hit.text}")
    return sum(w for term, w in query.weights.items() if term in has) / sum(query.weights.values())


def _named(query: Query, hit: Hit) -> bool:
    """Whether the question names the fragment."""
    symbol = hit.symbol.lower()
    return bool(symbol) and any(name in (symbol, symbol.rsplit(".", 1)[-1]) for name in query.names)


@lru_cache(maxsize=_BUFFERS)
def _cut(path: str, text: str) -> tuple[Hit, ...]:
    """The fragments of a buffer, as hits without a score."""
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
