"""An approximate call graph. A function is assumed to call every function whose name its text contains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ranking.scaling import Ints, Vector
from .corpus import FunctionCorpus, Numbers, maxima, ranges

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
    callers: Ints | Numbers
    callees: Ints
    weights: Vector

    @staticmethod
    def of(corpus: FunctionCorpus) -> CallGraph:
        known, uses = corpus.words
        names = (function.name for function in corpus.functions)
        word_of = np.array([known.get(name, -1) if _is_called(name) else -1 for name in names], np.int64)
        named = np.flatnonzero(word_of >= 0)
        many = np.bincount(word_of[named], minlength=len(known))

        def scopes(functions: Ints | Numbers, names: Ints | Numbers) -> Ints:
            """A number for each function and name. If it is the same, the name means the same functions."""
            files = np.where(many[names] > _AMBIGUOUS, corpus.file[functions] + 1, 0)
            return names.astype(np.int64) * (len(corpus.paths) + 1) + files

        defined = scopes(named, word_of[named])
        order = np.argsort(defined, kind="stable")
        words, users, _ = uses.hits(many > 0)
        wanted = scopes(users, words)
        starts, ends = (np.searchsorted(defined[order], wanted, side) for side in ("left", "right"))
        callers = np.repeat(users, ends - starts)
        callees = named[order][ranges(starts, ends - starts)]
        weights = np.repeat(1.0 / np.minimum(many[words], _AMBIGUOUS), ends - starts)
        kept = callers != callees
        return CallGraph(len(corpus), callers[kept], callees[kept], weights[kept])

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


def _is_called(name: str) -> bool:
    """Whether uses of a name are taken for calls. Short names and special methods are too common."""
    return len(name) >= _SHORTEST and not name.startswith("__")
