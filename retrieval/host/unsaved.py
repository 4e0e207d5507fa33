"""Makes hits agree with the present texts of their files: unsaved buffers, and files that have changed.

Hits get the line numbers that their code has in the present text, and fragments that only the present texts
have become hits. The ranker can only rank fragments of the index. A new fragment is therefore inserted before
the first hit that is less similar to the query. This similarity is a simple measure that is computed for all
hits and for the new fragments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoding import bm25
from indexer.fragment import KINDS, Fragment, SourceFile
from indexer.index.index import Index
from indexer.parsing.languages import name_of
from indexer.parsing.source import Source, refuse_text
from indexer.store import DENSE, Filter, Match, Store

from .. import filtering
from ..candidates import LEXICAL
from ..query import Filters, Query
from ..ranking.reranker import limit_per_file
from ..ranking.scaling import Vector, weighted_mean
from ..result import Hit, TextSource
from ..searcher import PROFILE_WEIGHTS
from .current_texts import CACHED, CurrentText, cached_for_latest_text
from .requests import MAX_CUT_BYTES

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

MIN_TERM_OVERLAP = 0.5
"""A new fragment must contain at least this weighted share of the query's terms, unless the query names the
fragment."""
_HEAD = 4096
"""Number of first bytes from which the language of a text is detected."""
_NEAR = 50_000
"""Maximum characters before a cursor, and after it, in which secrets are looked for. To scan all of a large
text would take too long."""


@dataclass(frozen=True, slots=True)
class NewFragment:
    """A fragment of a present text that the index lacks."""

    fragment: Fragment
    source: TextSource

    @property
    def hit(self) -> Hit:
        """The fragment as a hit with score 0."""
        return _hit(self.fragment, self.source)


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


def relocated(hits: Iterable[Hit], present: Mapping[str, CurrentText]) -> list[Hit]:
    """The hits with the code and the line numbers that they have in the present texts of their files.

    A hit whose code has changed gets the nearest fragment with the same symbol. Hits whose code is no longer
    in the text are left out. `merge_unsaved` adds hits in new code.
    """
    moved = (_relocated(hit, present[hit.path]) if hit.path in present else hit for hit in hits)
    found: dict[tuple[str, int, int], Hit] = {}
    for hit in moved:
        if hit is not None:  # two hits with equal code may get the same lines
            found.setdefault((hit.path, hit.start_line, hit.end_line), hit)
    return list(found.values())


def _relocated(hit: Hit, present: CurrentText) -> Hit | None:
    if present.text is None:
        return None
    start = line_of(hit.text, present.text, hit.start_line)
    if start is not None:
        code = _as_written(hit.text, present.text, start)
        end = start + hit.end_line - hit.start_line
        return replace(hit, start_line=start, end_line=end, text=code, source=present.source)
    same = [one for one in fragments_of_text(hit.path, present.text) if one.symbol == hit.symbol != ""]
    same = [one for one in same if one.kind == hit.kind]
    if not same:
        return None
    nearest = min(same, key=lambda one: abs(one.span.start_line - hit.start_line))
    return replace(_hit(nearest, present.source), score=hit.score, why=hit.why)


def line_of(code: str, text: str, near: int) -> int | None:
    """The line of `text`, counted from 1, at which the lines of `code` begin that is nearest to a line.

    Returns None if the lines do not occur in the text.
    """
    wanted, lines = _lines(code.rstrip("\r\n")), _lines(text)
    starts = (n for n, line in enumerate(lines) if line == wanted[0] and lines[n : n + len(wanted)] == wanted)
    start = min(starts, key=lambda n: abs(n + 1 - near), default=None)
    return None if start is None else start + 1


def _as_written(code: str, text: str, start: int) -> str:
    """The lines of `text` from line `start` on that are the lines of `code`, with their own line ends."""
    bare = code.rstrip("\r\n")
    lines = text.split("\n")[start - 1 : start + bare.count("\n")]
    return "\n".join(lines) + ("\n" if bare != code else "")


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


class NewCode:
    """Finds the fragments of present texts that an index lacks. Keeps those of the latest texts."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[str, tuple[str, int, tuple[NewFragment, ...]]] = {}

    def of(self, store: Store, present: Iterable[CurrentText]) -> list[NewFragment]:
        """The fragments whose code the index does not have under the same symbol of the same file."""
        return [one for text in present if text.text is not None for one in self._of(store, text, text.text)]

    def _of(self, store: Store, present: CurrentText, text: str) -> tuple[NewFragment, ...]:
        path, writes = present.path, self._index.manifest.changes
        known = self._known.get(path)
        if known is not None and known[:2] == (text, writes):
            return tuple(replace(one, source=present.source) for one in known[2])
        where = Filter((Match("repo", (self._index.repo,)), Match("path", (path,)), Match("kind", KINDS)))
        rows = store.scroll(where, ("symbol", "kind", "text"))
        indexed = Counter((row.payload["symbol"], row.payload["kind"], row.payload["text"]) for row in rows)
        found = []
        for one in fragments_of_text(path, text, self._index.repo):
            key = one.symbol, one.kind, one.text
            if indexed[key]:
                indexed[key] -= 1
            else:
                found.append(NewFragment(one, present.source))
        self._known.pop(path, None)
        self._known[path] = text, writes, tuple(found)
        while len(self._known) > CACHED:
            self._known.pop(next(iter(self._known)), None)
        return tuple(found)


def merge_unsaved(
    query: Query,
    hits: Sequence[Hit],
    new: Sequence[NewFragment],
    encoder: Encoder,
    limit: int,
    per_file: int,
) -> list[Hit]:
    """The hits, merged with those new fragments that answer the query.

    Returns at most `limit` hits, and at most `per_file` hits of one file.
    """
    known = {(hit.path, hit.start_line, hit.end_line) for hit in hits}
    left = passing(query.filters, [one for one in new if one.fragment.id not in query.exclude])
    added = [one.hit for one in left]
    added = [hit for hit in added if (hit.path, hit.start_line, hit.end_line) not in known]
    added = [hit for hit in added if all(phrase in hit.text for phrase in query.phrases)]
    added = [hit for hit in added if _is_named(query, hit) or _term_overlap(query, hit) >= MIN_TERM_OVERLAP]
    if not added:
        return limit_per_file(hits, limit, per_file)
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


def passing(filters: Filters, new: Collection[NewFragment]) -> list[NewFragment]:
    """The new fragments that the filters leave. `ids` of the filters are those of the index's fragments."""
    if filters == Filters():
        return list(new)
    paths = {one.fragment.path for one in new if one.fragment.path.startswith(filters.prefix)}
    if filters.globs:
        inside = [path.removeprefix(filters.prefix) for path in paths]
        paths = {filters.prefix + path for path in filtering.match(filters.globs, inside)}
    return [one for one in new if one.fragment.path in paths and _passes(filters, one.fragment)]


def _passes(filters: Filters, one: Fragment) -> bool:
    return (
        (not filters.languages or one.language in filters.languages or one.page in filters.languages)
        and (not filters.kinds or one.kind in filters.kinds)
        and (filters.tests is None or one.is_test == filters.tests)
    )


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


@cached_for_latest_text
def fragments_of_text(path: str, text: str, repo: str = "") -> tuple[Fragment, ...]:
    """The fragments of a text. There are none if the text is large or refused."""
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_CUT_BYTES or refuse_text(path, data) is not None:
        return ()
    from indexer.analysis.fragment_points import fragments

    source = Source(SourceFile(path, Path(path), len(data), 0), data, data, "utf-8", "", len(data), 0)
    return tuple(fragments(source, repo, name_of(path, data[:_HEAD])))


def _hit(fragment: Fragment, source: TextSource) -> Hit:
    return Hit(
        path=fragment.path,
        start_line=fragment.span.start_line,
        end_line=fragment.span.end_line,
        symbol=fragment.symbol,
        kind=fragment.kind,
        language=fragment.language,
        score=0.0,
        text=fragment.text,
        source=source,
    )
