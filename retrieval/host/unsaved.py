"""Unsaved buffers: masks their secrets, and makes hits agree with them.

Hits get the line numbers that their code has in a buffer, and fragments that only buffers have become hits.
The ranker can only rank fragments of the index. A fragment of a buffer is therefore inserted before the first
hit that is less similar to the query. This similarity is a simple measure that is computed for all hits and
for the fragments of buffers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from .requests import MAX_CUT_BYTES

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

MIN_TERM_OVERLAP = 0.5
"""A fragment of a buffer must contain at least this weighted share of the query's terms, unless the query
names the fragment."""
_HEAD = 4096
"""Number of first bytes from which the language of a buffer is detected."""
_NEAR = 50_000
"""Maximum characters before a cursor, and after it, in which secrets are looked for. To scan all of a large
text would take too long."""
_BUFFERS = 16
"""Number of buffers of which the masked text and the fragments are cached."""


@lru_cache(maxsize=_BUFFERS)
def redacted(path: str, text: str) -> str:
    """The text with each character of a secret replaced by `*`, so that positions stay the same."""
    from indexer.parsing.secrets import redact_text

    return redact_text(text, path)


def redacted_near(path: str, text: str, line: int) -> str:
    """As `redacted`, but in a large text only near a line: suggestions use only names near the cursor."""
    from indexer.parsing.secrets import redact_text

    if len(text) <= 2 * _NEAR:
        return redact_text(text, path)
    parts = text.split("\n", line)
    at = len(text) - len(parts[-1]) - 1 if len(parts) > line else len(text)  # the end of the line
    start = text.rfind("\n", 0, max(0, at - _NEAR)) + 1
    end = text.find("\n", at + _NEAR)
    end = len(text) if end < 0 else end
    return text[:start] + redact_text(text[start:end], path) + text[end:]


def relocated(hits: Iterable[Hit], unsaved: Mapping[str, str]) -> list[Hit]:
    """The hits with the line numbers that their code has in `unsaved`, which maps paths to texts.

    Leaves out hits whose code is no longer in the text of their file. `merge_unsaved` adds hits in new code.
    """
    moved = (_relocated(hit, unsaved[hit.path]) if hit.path in unsaved else hit for hit in hits)
    found: dict[tuple[str, int, int], Hit] = {}
    for hit in moved:
        if hit is not None:  # two hits with equal code may get the same lines
            found.setdefault((hit.path, hit.start_line, hit.end_line), hit)
    return list(found.values())


def _relocated(hit: Hit, text: str) -> Hit | None:
    code, lines = _lines(hit.text.rstrip("\n")), _lines(text)
    starts = (n for n, line in enumerate(lines) if line == code[0] and lines[n : n + len(code)] == code)
    start = min(starts, key=lambda n: abs(n + 1 - hit.start_line), default=None)
    if start is None:
        return None
    return replace(hit, start_line=start + 1, end_line=start + 1 + hit.end_line - hit.start_line)


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


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
    # The first hit that is less similar than an added one is where the running minimum falls below it.
    places = np.searchsorted(-np.minimum.accumulate(of_hits), -of_added, side="right")
    merged = [(place, 1, 0.0, hit) for place, hit in enumerate(hits)]
    for place, own, hit in zip(places, of_added, added, strict=True):
        score = hits[min(place, len(hits) - 1)].score if hits else 0.0
        merged.append((place, 0, -own, replace(hit, score=score)))
    merged.sort(key=lambda row: row[:3])
    return limit_per_file((hit for *_, hit in merged), limit, per_file)


def _overlap(one: Hit, other: Hit) -> bool:
    return one.path == other.path and one.start_line <= other.end_line and other.start_line <= one.end_line


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
    from indexer.analysis.fragment_points import fragments

    source = Source(SourceFile(path, Path(path), len(data), 0), data, data, "utf-8", "", len(data), 0)
    return tuple(_hit(fragment) for fragment in fragments(source, "", name_of(path, data[:_HEAD])))


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
