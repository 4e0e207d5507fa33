"""What puts the candidates of a question in order, behind one protocol: learned trees, a model, or nothing.

understand -> candidates -> fuse -> *rank* -> best of each file -> hits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..query import Query
from ..result import Candidate

if TYPE_CHECKING:
    from ..search.lexicon import Lexicons

Why = Mapping[str, float]
"""What a score is made of; it sums to the score."""


@dataclass(frozen=True, slots=True)
class Found:
    """What may be answered, fused already: `whole` are whole files' BM25 scores by path.

    `per_file` is how many answers of one file are wanted, `texts` reads the code of fragments by their ids,
    `lexicons` know what words mean.
    """

    candidates: Sequence[Candidate]
    whole: Mapping[str, float]
    per_file: int
    texts: Callable[[Sequence[str]], Mapping[str, str]]
    lexicons: Lexicons


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates, best first, with their scores set; `explain` says what some of these are made of."""

    candidates: Sequence[Candidate]
    explain: Callable[[Sequence[Candidate]], Sequence[Why]]


class Reranker(Protocol):
    """Puts candidates in order. It keeps no state between questions."""

    def rank(self, query: Query, found: Found) -> Ranking:
        """All candidates of `found`."""


class Fused:
    """The order of the fused scores."""

    def rank(self, query: Query, found: Found) -> Ranking:
        for candidate in found.candidates:
            candidate.score = candidate.fused
        ordered = sorted(found.candidates, key=lambda c: c.order)
        return Ranking(ordered, lambda chosen: [{"fused": c.fused} for c in chosen])


def spread(ranked: Iterable[Candidate], limit: int, per_file: int) -> list[Candidate]:
    """The first `limit`, at most `per_file` of each file."""
    taken: Counter[str] = Counter()
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) >= limit:
            break
        if taken[candidate.path] < per_file:
            taken[candidate.path] += 1
            chosen.append(candidate)
    return chosen


def reordered(first: Ranking, head: Sequence[Candidate], name: str) -> Ranking:
    """`head` in this order before all others of `first`, scored by the rank under this name."""
    there = {candidate.id for candidate in head}
    rest = [candidate for candidate in first.candidates if candidate.id not in there]
    ordered = [*head, *rest]
    for place, candidate in enumerate(ordered):
        candidate.score = 1.0 - place / len(ordered)
    return Ranking(ordered, lambda chosen: [{name: candidate.score} for candidate in chosen])
