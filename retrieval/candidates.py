"""Which fragments may answer: the legs of a query, their union, and everyone's exact score on every leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.fragment_points import FILE
from indexer.encoding import bm25
from indexer.store import DENSE, EVERYTHING, Filter, HasId, Leg, Match, Scored, SparseVector, Store

from .query import Query
from .result import Candidate

LEXICAL = "lexical"

FIELDS = ("path", "language", "kind", "symbol", "ordinal", "start_line", "end_line", "is_test")
"""What ranking reads of a payload; the text is fetched for the answers alone."""

_FILES = 30
_DEFINERS = 30
_TIED = 2_000
"""How far to look when a list would be cut between equal scores."""

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
    """All points of one repository; of the whole store for "", which is faster where it holds just one."""
    return Filter((Match("repo", (repo,)),)) if repo else EVERYTHING


def gather(store: Store, repo: str, query: Query, vector: Vector, where: Where, depth: int) -> Gathered:
    """The union of: best `depth` by BM25 and by the dense vector, and the definers of the names.

    `vector` is the question's dense vector [dim], zeros if it has no words.
    """
    ours = tenant(repo)
    fragments, files = ours & where.fragments, ours & where.files
    words = bm25.query(query.weights)
    legs = [
        Leg(words, LEXICAL, depth, fragments, corpus=ours),
        Leg(vector, DENSE, depth, fragments),
        Leg(words, FILE, _FILES, files, corpus=ours),
    ]
    if query.names:
        definers = fragments & Filter((Match("name", query.names),))
        legs.append(Leg(words, LEXICAL, _DEFINERS, definers, corpus=ours))
    by_words, by_meaning, by_file, *by_name = _settled(store, legs)
    paths = {r.id: str(r.payload["path"]) for r in store.fetch([s.id for s in by_file], ("path",))}
    lists = {LEXICAL: [*by_words, *(s for leg in by_name for s in leg)], DENSE: by_meaning}
    candidates = _complete(store, lists, {LEXICAL: words, DENSE: vector}, ours, query.exclude)
    return Gathered(candidates, {paths[s.id]: s.score for s in by_file if s.id in paths})


def _settled(store: Store, legs: Sequence[Leg]) -> list[list[Scored]]:
    """The legs' lists, cut so that equal indexes answer alike.

    Which of several points with the same score is the last one in depends on the order in which they were
    written; so all of them are asked for, and those with the smallest ids stay.
    """
    lists = store.query([replace(leg, limit=leg.limit + 1) for leg in legs])
    torn = [n for n, leg in enumerate(legs) if _is_torn(lists[n], leg.limit)]
    if torn:
        wider = store.query([replace(legs[n], limit=max(_TIED, 2 * legs[n].limit)) for n in torn])
        for n, found in zip(torn, wider, strict=True):
            lists[n] = found
    return [found[: leg.limit] for leg, found in zip(legs, lists, strict=True)]


def _is_torn(found: Sequence[Scored], limit: int) -> bool:
    """Whether the cut at `limit` falls between equal scores, as `ranked` compares them."""
    return len(found) > limit and round(found[limit - 1].score, 6) == round(found[limit].score, 6)


def _complete(
    store: Store,
    lists: Mapping[str, list[Scored]],
    vectors: Mapping[str, Vector | SparseVector],
    ours: Filter,
    exclude: frozenset[str],
) -> list[Candidate]:
    """The union of the lists with everyone's exact score on every leg.

    A leg is a cut-off list: absence from it is no score of zero, so what is missing is asked for.
    """
    scores = {name: {s.id: s.score for s in scored if s.id not in exclude} for name, scored in lists.items()}
    union = list(dict.fromkeys(id for scored in scores.values() for id in scored))
    missing = {name: tuple(id for id in union if id not in scored) for name, scored in scores.items()}
    legs = {
        name: Leg(vectors[name], name, len(ids), Filter((HasId(ids),)), None if name == DENSE else ours)
        for name, ids in missing.items()
        if ids
    }
    for name, found in zip(legs, store.query(list(legs.values())), strict=True):
        scores[name].update((s.id, s.score) for s in found)
    candidates = [Candidate(r.id, r.payload) for r in store.fetch(union, FIELDS)]
    for candidate in candidates:
        candidate.scores = {
            name: scored[candidate.id] for name, scored in scores.items() if candidate.id in scored
        }
    return candidates
