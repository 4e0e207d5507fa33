"""The cut candidates of a prefix, with the values that several features use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, partial

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
    rest: SuggestedLines | None = None

    @property
    def source(self) -> str:
        """The code of the fragment, before and after the cut."""
        return code_of(self.fragment)

    @property
    def text(self) -> str:
        """The text after the cut."""
        return self.code.text

    @property
    def lead(self) -> str:
        """The white space to insert before `text`."""
        return self.rest.lead if self.rest else ""


@dataclass
class CutCandidates:
    """All candidates of a prefix.

    `idf` maps each name to its inverse document frequency among the candidates. `unseen_idf` is the IDF of
    names that no candidate contains.
    """

    prefix: CursorPrefix
    candidates: Sequence[CutCandidate]
    idf: dict[str, float] = field(default_factory=dict)
    unseen_idf: float = 0.0

    def __post_init__(self) -> None:
        count: Counter[str] = Counter()
        for candidate in self.candidates:
            count.update(candidate.code.known)
        size = len(self.candidates) + 1
        self.idf = {name: math.log((size + 1) / (n + 0.5)) for name, n in count.items()}
        self.unseen_idf = math.log((size + 1) / 0.5)

    def only(self, rows: Sequence[int]) -> CutCandidates:
        """The candidates with these indexes."""
        return CutCandidates(self.prefix, [self.candidates[row] for row in rows])

    @cached_property
    def joins(self) -> list[JoinParse]:
        """The parsed joins of the prefix with all candidates; empty if joins cannot be parsed."""
        joiner = Joiner(self.prefix)
        rests = self.candidates if joiner.usable else ()
        return [joiner.parse(one.lead + one.text, one.code.indents) for one in rests]

    def idf_sum(self, names: Iterable[str]) -> float:
        """The sum of the IDF of some names."""
        return math.fsum(self.idf.get(name, self.unseen_idf) for name in names)


def each(features: Mapping[str, Callable[[CursorPrefix, CutCandidate], float]]) -> Features[CutCandidates]:
    """A table of features, from functions that return the value of one candidate, by name."""
    return {name: partial(_column, one) for name, one in features.items()}


def share(ours: Set[object], theirs: Set[object], default: float = 0.0) -> float:
    """The share of the items of `ours` that are also in `theirs`. Returns `default` if `ours` is empty."""
    return len(ours & theirs) / len(ours) if ours else default


def _column(function: Callable[[CursorPrefix, CutCandidate], float], pool: CutCandidates) -> Column:
    return [float(function(pool.prefix, candidate)) for candidate in pool.candidates]
