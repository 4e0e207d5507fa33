"""Gathers the candidates of a query: the union of several legs, with exact and with fused scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from indexer.analysis.fragment_points import FILE
from indexer.encoding import bm25
from indexer.store import DENSE, EVERYTHING, Filter, Leg, Match, Scored, Store

from .query import Query
from .ranking import exact_scores
from .ranking.scaling import minmax, weighted_mean
from .result import Candidate
from .search import exact_matches

if TYPE_CHECKING:
    from indexer.encoding.types import Vectors

LEXICAL = "lexical"

FIELDS = ("path", "language", "kind", "symbol", "ordinal", "start_line", "end_line", "is_test")
"""The payload fields that are fetched for all candidates. Texts are fetched only for some candidates."""

_FILES = 30
"""Maximum number of files that are scored as a whole."""
_DEFINERS = 30
"""Maximum number of definitions that are candidates because the query names them."""
_LITERAL = 50
"""Maximum number of fragments with most of the query's words in which these words are looked for in order."""
_TIE_LIMIT = 2_000
"""If a leg's limit falls between points of equal score, the leg is queried again for this number of points,
or for twice its limit if that is more."""


@dataclass(frozen=True, slots=True)
class FilterConditions:
    """The user's filters as conditions on fragments, and on the points that represent files."""

    fragments: Filter = EVERYTHING
    files: Filter = EVERYTHING


@dataclass(frozen=True, slots=True)
class GatheredCandidates:
    """The candidates, the BM25 scores of whole files by path, and the ids of the candidates that were found
    because they contain the query's words as they follow each other."""

    candidates: list[Candidate]
    files: dict[str, float]
    literal: frozenset[str] = frozenset()


def repository_filter(repo: str) -> Filter:
    """Returns a filter for the points of one repository.

    If `repo` is "", returns the filter that all points pass, which is faster.
    """
    return Filter((Match("repo", (repo,)),)) if repo else EVERYTHING


def gather(
    store: Store, repo: str, query: Query, vector: Vectors, where: FilterConditions, depth: int
) -> GatheredCandidates:
    """Gather the best `depth` fragments by BM25, the best `depth` fragments by dense vector, the definitions
    that the query names, and the fragments that contain the query as it stands.

    `vector` is the query's dense vector [dim]. If all its elements are zero, the dense leg finds nothing.
    """
    ours = repository_filter(repo)
    fragments, files = ours & where.fragments, ours & where.files
    words = bm25.query(query.weights)
    scored = {
        LEXICAL: Leg(words, LEXICAL, depth, fragments, corpus=ours),
        DENSE: Leg(vector, DENSE, depth, fragments),
    }
    legs = [*scored.values(), Leg(words, FILE, _FILES, files, corpus=ours)]
    if query.names:
        definers = fragments & Filter((Match("name", query.names),))
        legs.append(Leg(words, LEXICAL, _DEFINERS, definers, corpus=ours))
    if query.literal:
        legs.append(Leg(bm25.query(query.literal), LEXICAL, _LITERAL, fragments, corpus=ours))
    by_words, by_meaning, by_file, *others = _query_with_stable_ties(store, legs)
    by_name = others.pop(0) if query.names else []
    literal = exact_matches.containing(store, [one.id for one in others.pop()], query) if others else []
    paths = {r.id: str(r.payload["path"]) for r in store.fetch([s.id for s in by_file], ("path",))}
    lists = {LEXICAL: [*by_words, *by_name], DENSE: by_meaning}
    scores = exact_scores.complete(store, lists, scored, query.exclude, literal)
    candidates = exact_scores.fetch(store, exact_scores.ids(scores), scores, _fields(query))
    if query.symbol and not query.title and not exact_matches.has_definition(candidates, query):
        known = {*query.exclude, *exact_scores.ids(scores)}
        declaring = _declaring(store, query, fragments, ours)
        further = exact_scores.complete(store, dict.fromkeys(scored, ()), scored, known, declaring)
        candidates += exact_scores.fetch(store, exact_scores.ids(further), further, _fields(query))
    of_files = {paths[s.id]: s.score for s in by_file if s.id in paths}
    return GatheredCandidates(candidates, of_files, frozenset(literal))


def _fields(query: Query) -> Sequence[str]:
    return (*FIELDS, *exact_matches.DECLARED) if query.symbol else FIELDS


def _declaring(store: Store, query: Query, fragments: Filter, ours: Filter) -> list[str]:
    """The ids of the fragments that declare the name that a query is, such as a constant among others."""
    term = exact_matches.whole_term(query)
    if term is None:
        return []
    uses = store.query([Leg(bm25.query({term: 1.0}), LEXICAL, exact_matches.USES, fragments, corpus=ours)])[0]
    return exact_matches.declaring(store, [one.id for one in uses], query)


def fuse(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> None:
    """Set `fused` to the weighted mean of the legs' scores, each scaled to [0, 1] over all candidates.

    This is a min-max normalised convex sum (Bruch et al., 2023). On each leg, the candidate with the lowest
    score gets 0. A candidate has no score on a leg if it shares no word with the query, or has no vector;
    this candidate gets 0, too.
    """
    scores = {leg: np.array([c.scores.get(leg, np.nan) for c in candidates], np.float64) for leg in weights}
    fused = weighted_mean({leg: np.nan_to_num(minmax(column)) for leg, column in scores.items()}, weights)
    for candidate, score in zip(candidates, fused.tolist(), strict=True):
        candidate.fused = score


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
