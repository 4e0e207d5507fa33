"""Features of a function's callers and callees, and of other functions with the same class or name."""

from __future__ import annotations

import numpy as np

from ...ranking.features import named, others_best, relative_to_max
from ..corpus import Vector
from .function_candidates import FunctionCandidates, group_mean


def callers(p: FunctionCandidates) -> Vector:
    """The highest base score of a caller of the function."""
    return p.of(p.evidence.calls.from_callers(relative_to_max(p.evidence.base)))


def callees(p: FunctionCandidates) -> Vector:
    """The highest base score of a callee of the function."""
    return p.of(p.evidence.calls.from_callees(relative_to_max(p.evidence.base)))


def called_by_named(p: FunctionCandidates) -> Vector:
    """The highest confidence that the issue means a caller of the function."""
    return p.of(p.evidence.calls.from_callers(p.evidence.named.function))


def calls_named(p: FunctionCandidates) -> Vector:
    """The highest confidence that the issue means a callee of the function."""
    return p.of(p.evidence.calls.from_callees(p.evidence.named.function))


def called_by_called(p: FunctionCandidates) -> Vector:
    """The highest confidence that the issue means a caller of one of the function's callers."""
    calls = p.evidence.calls
    return p.of(calls.from_callers(calls.from_callers(p.evidence.named.function)))


def called(p: FunctionCandidates) -> Vector:
    """The logarithm of the number of the function's callers."""
    return np.log1p(p.of(p.evidence.calls.called()))


def calling(p: FunctionCandidates) -> Vector:
    """The logarithm of the number of the function's callees."""
    return np.log1p(p.of(p.evidence.calls.calling()))


def class_best(p: FunctionCandidates) -> Vector:
    """The base score of the best other candidate in the function's class."""
    return others_best(p.owners.tolist(), p.of(relative_to_max(p.evidence.base)))


def class_mean(p: FunctionCandidates) -> Vector:
    """The mean base score of the candidates in the function's class."""
    return group_mean(p.owners, p.of(relative_to_max(p.evidence.base)))


def class_size(p: FunctionCandidates) -> Vector:
    """The logarithm of the number of methods of the function's class."""
    owner = p.evidence.corpus.owner
    return np.log1p(p.of(np.bincount(owner)[owner].astype(np.float64)))


def overridden(p: FunctionCandidates) -> Vector:
    """The base score of the best other candidate with the function's name, such as an override."""
    return others_best([f.name for f in p.functions], p.of(relative_to_max(p.evidence.base)))


FEATURES = named(
    callers, callees, called_by_named, calls_named, called_by_called, called, calling, class_best,
    class_mean, class_size, overridden,
)  # fmt: skip
