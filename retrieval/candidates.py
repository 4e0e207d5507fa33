"""Which fragments may answer: the legs of a query, their union, and everyone's exact score on every leg."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer import lexical
from indexer.represent import FILE
from indexer.store import DENSE, EVERYTHING, Filter, HasId, Leg, Match, SparseVector, Store

from .query import Query
from .result import Candidate

LEXICAL = "lexical"

FIELDS = ("path", "language", "kind", "symbol", "ordinal", "start_line", "end_line", "is_test")
"""What ranking reads of a payload; the text is fetched for the answers alone."""

_FILES = 30
_DEFINERS = 30


Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Where:
    """The user's filters as conditions on fragments, and on the points that stand for files."""

    fragments: Filter = EVERYTHING
    files: Filter = EVERYTHING


@dataclass(frozen=True, slots=True)
class Gathered:
    """The candidates, and whole-file BM25 scores by path."""

    candidates: list[Candidate]
    files: dict[str, float]


def tenant(repo: str) -> Filter:
    """All points of one repository."""
    return Filter((Match("repo", (repo,)),))


def gather(store: Store, repo: str, query: Query, vector: Vector, where: Where, depth: int) -> Gathered:
    """The union of: best `depth` by BM25 and by the dense vector, and the definers of the names.

    `vector` is the question's dense vector [dim], zeros if it has no words.
    """
    ours = tenant(repo)
    fragments, files = ours & where.fragments, ours & where.files
    words = lexical.query(query.weights)
    legs = [
        Leg(words, LEXICAL, depth, fragments, corpus=ours),
        Leg(vector, DENSE, depth, fragments),
        Leg(words, FILE, _FILES, files & Filter((Match("kind", (FILE,)),)), corpus=ours),
    ]
    if query.names:
        definers = fragments & Filter((Match("name", query.names),))
        legs.append(Leg(words, LEXICAL, _DEFINERS, definers, corpus=ours))
    by_words, by_meaning, by_file, *by_name = store.query(legs)
    paths = {r.id: str(r.payload["path"]) for r in store.fetch([s.id for s in by_file], ("path",))}
    found = (s.id for leg in (by_words, by_meaning, *by_name) for s in leg)
    ids = tuple(dict.fromkeys(id for id in found if id not in query.exclude))
    candidates = _scored(store, ids, words, vector, ours)
    return Gathered(candidates, {paths[s.id]: s.score for s in by_file if s.id in paths})


def _scored(
    store: Store, ids: tuple[str, ...], words: SparseVector, vector: Vector, ours: Filter
) -> list[Candidate]:
    """Candidates with exact scores on both legs: a leg is a cut-off list, absence from it is not a zero."""
    if not ids:
        return []
    these = Filter((HasId(ids),))
    lists = store.query(
        [Leg(words, LEXICAL, len(ids), these, corpus=ours), Leg(vector, DENSE, len(ids), these)]
    )
    candidates = {r.id: Candidate(r.id, r.payload) for r in store.fetch(ids, FIELDS)}
    for name, scored in zip((LEXICAL, DENSE), lists, strict=True):
        for s in scored:
            if s.id in candidates:
                candidates[s.id].scores[name] = s.score
    return list(candidates.values())
