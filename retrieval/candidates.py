"""Gathers the candidates of a query: the union of several legs, with exact scores on every leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.fragment_points import FILE
from indexer.encoding import bm25
from indexer.fragment import FragmentPayload
from indexer.store import DENSE, EVERYTHING, Filter, HasId, Leg, Match, Scored, SparseVector, Store

from .query import Query
from .result import Candidate

LEXICAL = "lexical"

FIELDS = ("path", "language", "kind", "symbol", "ordinal", "start_line", "end_line", "is_test")
"""The payload fields that are fetched for all candidates. Texts are fetched only for some candidates."""

_FILES = 30
"""Maximum number of files that are scored as a whole."""
_DEFINERS = 30
"""Maximum number of definitions that are candidates because the query names them."""
_TIE_LIMIT = 2_000
"""If a leg's limit falls between points of equal score, the leg is queried again for this number of points,
or for twice its limit if that is more."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FilterConditions:
    """The user's filters as conditions on fragments, and on the points that represent files."""

    fragments: Filter = EVERYTHING
    files: Filter = EVERYTHING


@dataclass(frozen=True, slots=True)
class GatheredCandidates:
    """The candidates, and the BM25 scores of whole files by path."""

    candidates: list[Candidate]
    files: dict[str, float]


def repository_filter(repo: str) -> Filter:
    """Returns a filter for the points of one repository.

    If `repo` is "", returns the filter that all points pass, which is faster.
    """
    return Filter((Match("repo", (repo,)),)) if repo else EVERYTHING


def gather(
    store: Store, repo: str, query: Query, vector: Vector, where: FilterConditions, depth: int
) -> GatheredCandidates:
    """Gather the best `depth` fragments by BM25, the best `depth` fragments by dense vector, and the
    definitions that the query names.

    `vector` is the query's dense vector [dim]. If all its elements are zero, the dense leg finds nothing.
    """
    ours = repository_filter(repo)
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
    by_words, by_meaning, by_file, *by_name = _query_with_stable_ties(store, legs)
    paths = {r.id: str(r.payload["path"]) for r in store.fetch([s.id for s in by_file], ("path",))}
    lists = {LEXICAL: [*by_words, *(s for leg in by_name for s in leg)], DENSE: by_meaning}
    candidates = _with_exact_scores(store, lists, {LEXICAL: words, DENSE: vector}, ours, query.exclude)
    return GatheredCandidates(candidates, {paths[s.id]: s.score for s in by_file if s.id in paths})


def _query_with_stable_ties(store: Store, legs: Sequence[Leg]) -> list[list[Scored]]:
    """The results of the legs. Of the points with equal scores, those with the smallest ids come first.

    If a leg's limit falls between points with equal scores, the store chooses among these points by the order
    of writes. In this case, this function fetches more points (see _TIE_LIMIT), and keeps the points with the
    smallest ids.
    """
    lists = store.query([replace(leg, limit=leg.limit + 1) for leg in legs])
    cut_ties = [n for n, leg in enumerate(legs) if _cuts_tie(lists[n], leg.limit)]
    if cut_ties:
        wider = store.query([replace(legs[n], limit=max(_TIE_LIMIT, 2 * legs[n].limit)) for n in cut_ties])
        for n, found in zip(cut_ties, wider, strict=True):
            lists[n] = found
    return [found[: leg.limit] for leg, found in zip(legs, lists, strict=True)]


def _cuts_tie(found: Sequence[Scored], limit: int) -> bool:
    """Whether the cut at `limit` falls between scores that are equal when rounded."""
    return len(found) > limit and round(found[limit - 1].score, 6) == round(found[limit].score, 6)


def _with_exact_scores(
    store: Store,
    lists: Mapping[str, list[Scored]],
    vectors: Mapping[str, Vector | SparseVector],
    ours: Filter,
    exclude: frozenset[str],
) -> list[Candidate]:
    """The union of the lists, with the exact score of every candidate on every leg.

    A candidate that is missing from the truncated list of a leg may still have a score on that leg, so this
    score is queried.
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
    candidates = [Candidate(r.id, cast(FragmentPayload, r.payload)) for r in store.fetch(union, FIELDS)]
    for candidate in candidates:
        candidate.scores = {
            name: scored[candidate.id] for name, scored in scores.items() if candidate.id in scored
        }
    return candidates
