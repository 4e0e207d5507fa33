"""The cut candidates of a prefix, with the values that several features use."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain

from ...ranking.features import Column, Features
from ...result import Candidate
from ..alignment import CutPoint
from ..gathering import code_of
from ..joining import Joiner, JoinParse
from ..lexical_profile import LexicalProfile
from ..query import CursorPrefix
from ..suggestion import SuggestedLines


@dataclass(frozen=True, slots=True)
class CutCandidate:
    """A fragment, a cut after which its code may follow the cursor, and the code after the cut."""

    fragment: Candidate
    cut: CutPoint
    code: LexicalProfile
    rest: SuggestedLines

    @property
    def source(self) -> str:
        """The code of the fragment, before and after the cut."""
        return code_of(self.fragment)

    @property
    def text(self) -> str:
        """The text after the cut."""
        return self.code.text


@dataclass
class CutCandidates:
    """All candidates of a prefix."""

    prefix: CursorPrefix
    candidates: Sequence[CutCandidate]

    def only(self, rows: Sequence[int]) -> CutCandidates:
        """The candidates with these indexes."""
        return replace(self, candidates=[self.candidates[row] for row in rows])

    @cached_property
    def idf(self) -> Mapping[str, float]:
        """The inverse document frequency of each name among the candidates.

        A name that no candidate contains has the IDF of such names.
        """
        count = Counter(chain.from_iterable(candidate.code.known for candidate in self.candidates))
        size = len(self.candidates) + 1
        unseen = math.log((size + 1) / 0.5)
        return defaultdict(lambda: unseen, {n: math.log((size + 1) / (k + 0.5)) for n, k in count.items()})

    @cached_property
    def joins(self) -> list[JoinParse]:
        """The parsed joins of the prefix with all candidates; empty if joins cannot be parsed."""
        joiner = Joiner(self.prefix)
        rests = self.candidates if joiner.usable else ()
        return [joiner.parse(one.rest.lead + one.text) for one in rests]

    def idf_sum(self, names: Iterable[str]) -> float:
        """The sum of the IDF of some names."""
        return math.fsum(map(self.idf.__getitem__, names))


def each(features: Mapping[str, Callable[[CursorPrefix, CutCandidate], float]]) -> Features[CutCandidates]:
    """A table of features, from functions that return the value of one candidate, by name."""
    return {name: partial(_column, one) for name, one in features.items()}


def share(ours: Set[object], theirs: Set[object], default: float = 0.0) -> float:
    """The share of the items of `ours` that are also in `theirs`. Returns `default` if `ours` is empty."""
    return len(ours & theirs) / len(ours) if ours else default


def _column(function: Callable[[CursorPrefix, CutCandidate], float], pool: CutCandidates) -> Column:
    return [float(function(pool.prefix, candidate)) for candidate in pool.candidates]
