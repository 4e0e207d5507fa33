"""The protocol of rerankers, which order the candidates of a query, and the simplest reranker.

parse_query -> candidates -> fuse -> *rank* -> best of each file -> hits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..query import Query
from ..result import Candidate, Hit

if TYPE_CHECKING:
    from ..search.lexicon import Lexicons

InFile = TypeVar("InFile", Candidate, Hit)
MAX_READ = 64
"""The code of this number of candidates is read. Reading more code did not improve results."""
Why = Mapping[str, float]
"""The terms of a score, by name. Their sum is the score."""


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """The fused candidates of a query.

    `file_scores` are the BM25 scores of whole files by path. `per_file` is the maximum number of answers per
    file. `texts` reads the code of fragments by id. `lexicons` give the vectors of words.
    `literal` are the candidates that contain the query's words as they follow each other, as far as known.
    """

    candidates: Sequence[Candidate]
    file_scores: Mapping[str, float]
    per_file: int
    texts: Callable[[Sequence[str]], Mapping[str, str]]
    lexicons: Lexicons
    literal: Sequence[Candidate] = ()

    @property
    def read(self) -> list[Candidate]:
        """The candidates whose code is read: those with the best fused scores, at most MAX_READ, in order."""
        return sorted(self.candidates, key=lambda c: (-round(c.fused, 6), *c.place))[:MAX_READ]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates, best first, with their scores set.

    `explain` returns the terms of the score of each candidate that is passed to `explain`.
    """

    candidates: Sequence[Candidate]
    explain: Callable[[Sequence[Candidate]], Sequence[Why]]


class Reranker(Protocol):
    """Orders candidates. Keeps no state between queries."""

    def rank(self, query: Query, candidate_set: CandidateSet) -> Ranking:
        """All candidates of the set, best first."""


class FusedOrder:
    """Orders candidates by their fused scores."""

    def rank(self, query: Query, candidate_set: CandidateSet) -> Ranking:
        for candidate in candidate_set.candidates:
            candidate.score = candidate.fused
        ordered = sorted(candidate_set.candidates, key=lambda c: c.sort_key)
        return Ranking(ordered, lambda chosen: [{"fused": c.fused} for c in chosen])


def limit_per_file(ranked: Iterable[InFile], limit: int, per_file: int) -> list[InFile]:
    """The first `limit` candidates or hits, with at most `per_file` of each file."""
    taken: Counter[str] = Counter()
    chosen: list[InFile] = []
    for one in ranked:
        if len(chosen) >= limit:
            break
        if taken[one.path] < per_file:
            taken[one.path] += 1
            chosen.append(one)
    return chosen


def with_reordered_head(first: Ranking, head: Sequence[Candidate], name: str) -> Ranking:
    """The ranking `first` with the candidates of `head` moved to the front.

    Scores fall evenly with the position. Each score is explained by a single term called `name`.
    """
    there = {candidate.id for candidate in head}
    rest = [candidate for candidate in first.candidates if candidate.id not in there]
    ordered = [*head, *rest]
    for place, candidate in enumerate(ordered):
        candidate.score = 1.0 - place / len(ordered)
    return Ranking(ordered, lambda chosen: [{name: candidate.score} for candidate in chosen])
