"""An approximate call graph. A function is assumed to call every function whose name its text contains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ranking.scaling import Ints, Vector
from .corpus import FunctionCorpus, Numbers, maxima

_AMBIGUOUS = 5
"""If more functions than this number share a name, uses of the name call only functions in the same file."""
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class CallGraph:
    """The edges of a call graph of `size` functions.

    Edge e means that the text of the function `callers[e]` contains the name of the function `callees[e]`.
    `weights[e]` is lower if several functions have that name.
    """

    size: int
    callers: Ints
    callees: Ints
    weights: Vector

    @staticmethod
    def of(corpus: FunctionCorpus) -> CallGraph:
        known, owners, words = corpus.words
        many: list[int] = []
        definers: list[int] = []
        rare_of = np.full(len(known), -1, np.int64)
        common = np.zeros(len(known), bool)
        for name, defining in corpus.by_name.items():
            word = known.get(name)
            if word is None or len(name) < _SHORTEST or name.startswith("__"):
                continue
            if len(defining) <= _AMBIGUOUS:
                rare_of[word] = len(many)
                many.append(len(defining))
                definers += defining
            else:
                common[word] = True
        callers, callees, weights = _rare(owners, rare_of[words], np.array(many, np.int64), definers)
        near = _near(corpus, known, owners, words, common)
        return _without_selves(
            len(corpus),
            np.concatenate([callers, near[0]]),
            np.concatenate([callees, near[1]]),
            np.concatenate([weights, np.full(len(near[0]), 1.0 / _AMBIGUOUS)]),
        )

    def from_callers(self, scores: Vector) -> Vector:
        """For each function, the highest score of a caller, times the weight of the edge."""
        return maxima(self.callees, scores[self.callers] * self.weights, self.size)

    def from_callees(self, scores: Vector) -> Vector:
        """For each function, the highest score of a function that it calls, times the weight of the edge."""
        return maxima(self.callers, scores[self.callees] * self.weights, self.size)

    def called(self) -> Vector:
        """The number of callers of each function."""
        return np.bincount(self.callees, minlength=self.size).astype(np.float64)

    def calling(self) -> Vector:
        """The number of functions that each function calls."""
        return np.bincount(self.callers, minlength=self.size).astype(np.float64)


def _rare(owners: Numbers, names: Ints, many: Ints, definers: list[int]) -> tuple[Numbers, Ints, Vector]:
    """Callers, callees and weights of the edges from each use of a rare name to each of its definitions."""
    used = names >= 0
    users, names = owners[used], names[used]
    if not len(names):
        return np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0)
    ends = np.cumsum(many)
    size = many[names]
    at = np.repeat(ends[names] - size - (np.cumsum(size) - size), size) + np.arange(size.sum())
    return np.repeat(users, size), np.array(definers, np.int64)[at], np.repeat(1.0 / size, size)


def _near(
    corpus: FunctionCorpus, known: dict[str, int], owners: Numbers, words: Numbers, common: NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """Callers and callees of the edges from each use of a common name to the definitions in the same file."""
    there: dict[tuple[int, int], list[int]] = {}
    files = corpus.file.tolist()
    for name, defining in corpus.by_name.items():
        word = known.get(name)
        if word is not None and common[word]:
            for one in defining:
                there.setdefault((word, files[one]), []).append(one)
    used = np.flatnonzero(common[words])
    pairs = zip(owners[used].tolist(), words[used].tolist(), strict=True)
    edges = [(user, one) for user, word in pairs for one in there.get((word, files[user]), ())]
    array = np.array(edges, np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def _without_selves(size: int, callers: Ints, callees: Ints, weights: Vector) -> CallGraph:
    kept = callers != callees
    return CallGraph(size, callers[kept], callees[kept], weights[kept])
