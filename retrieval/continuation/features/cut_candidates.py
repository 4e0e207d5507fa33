"""The cut candidates of a prefix, with the values that several features use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..alignment import CutPoint
from ..gathering import ContinuationCandidate
from ..lexical_profile import LexicalProfile
from ..query import CursorPrefix
from ..suggestion import SuggestedLines

Matrix = NDArray[np.float32]
Column = NDArray[np.float32] | Sequence[float]


@dataclass(frozen=True, slots=True)
class CutCandidate:
    """A fragment, a cut after which its code may follow the cursor, and the code after the cut."""

    fragment: ContinuationCandidate
    cut: CutPoint
    code: LexicalProfile
    rest: SuggestedLines | None = None

    @property
    def text(self) -> str:
        """The text after the cut."""
        return self.code.text

    @property
    def lead(self) -> str:
        """The white space to insert before `text`."""
        return self.rest.lead if self.rest else ""


@dataclass(slots=True)
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

    def idf_sum(self, names: Iterable[str]) -> float:
        """The sum of the IDF of some names."""
        return math.fsum(self.idf.get(name, self.unseen_idf) for name in names)


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature: its name, and the function that computes its column."""

    name: str
    values: Callable[[CutCandidates], Column]


def each(function: Callable[[CursorPrefix, CutCandidate], float]) -> Feature:
    """Make a feature from a function that returns the value of one candidate.

    The feature has the function's name.
    """
    return Feature(
        function.__name__, lambda pool: [function(pool.prefix, candidate) for candidate in pool.candidates]
    )


def whole(function: Callable[[CutCandidates], Column]) -> Feature:
    """Make a feature from a function that returns the values of all candidates.

    The feature has the function's name.
    """
    return Feature(function.__name__, function)
