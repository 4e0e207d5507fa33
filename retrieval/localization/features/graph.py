"""Features that compare a function with its callers and callees, and others of its class, file or name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ...ranking.features import Features
from ...ranking.scaling import Ints, Vector, group_best, group_mean, group_ranks, others_best, relative_to_max
from ..corpus import BODY, NAME
from ..evidence import IssueEvidence
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import DIGITS, FunctionCandidates, functions

_SIGNALS: Mapping[str, Callable[[IssueEvidence], Vector]] = {
    "base": lambda e: e.base,
    "words": lambda e: e.bm25[WHOLE],
    "title": lambda e: e.bm25[TITLE],
    "title_name": lambda e: e.lexical[TITLE, NAME],
    "title_body": lambda e: e.lexical[TITLE, BODY],
    "code": lambda e: e.bm25[CODE],
    "meaning": lambda e: 1.0 + e.dense[WHOLE],
    "title_meaning": lambda e: 1.0 + e.dense[TITLE],
}
_GROUPS: Mapping[str, Callable[[FunctionCandidates], Ints]] = {
    "file": lambda p: p.files,
    "class": lambda p: p.owners,
}


def class_best(p: FunctionCandidates) -> Vector:
    """The base score of the best other candidate in the function's class."""
    return others_best(p.owners.tolist(), p.of(_base(p.evidence)))


def class_mean(p: FunctionCandidates) -> Vector:
    """The mean base score of the candidates in the function's class."""
    return group_mean(p.owners, p.of(_base(p.evidence)))


def overridden(p: FunctionCandidates) -> Vector:
    """The base score of the best other candidate with the function's name, such as an override."""
    return others_best([f.name for f in p.functions], p.of(_base(p.evidence)))


def rank(signal: str, group: str, p: FunctionCandidates) -> Vector:
    """1 / rank of the function by a signal, among the candidates in its file or class."""
    return group_ranks(_GROUPS[group](p), p.of(_SIGNALS[signal](p.evidence)), DIGITS)


def behind(signal: str, p: FunctionCandidates) -> Vector:
    """The signal of the function, divided by the highest signal of a candidate in its file."""
    values = p.of(_SIGNALS[signal](p.evidence))
    top = group_best(p.files, values)
    return np.divide(values, top, out=np.zeros(len(p)), where=top > 0)


def place(p: FunctionCandidates) -> Vector:
    """The position of the function in its file: 0 for the first function of the file, 1 for the last."""
    bounds = p.evidence.corpus.bounds
    first, many = bounds[p.files], np.diff(bounds)[p.files]
    return np.asarray((p.rows - first) / np.maximum(1, many - 1), np.float64)


def _base(e: IssueEvidence) -> Vector:
    return relative_to_max(e.base)


FEATURES: Features[FunctionCandidates] = {
    # The highest base score of a caller, and of a callee.
    "callers": functions(lambda e: e.calls.from_callers(_base(e))),
    "callees": functions(lambda e: e.calls.from_callees(_base(e))),
    # The highest confidence that the issue means a caller, a callee, or a caller of a caller.
    "called_by_named": functions(lambda e: e.calls.from_callers(e.named.function)),
    "calls_named": functions(lambda e: e.calls.from_callees(e.named.function)),
    "called_by_called": functions(lambda e: e.calls.from_callers(e.calls.from_callers(e.named.function))),
    # The logarithm of the number of callers, and of callees.
    "called": functions(lambda e: np.log1p(e.calls.called())),
    "calling": functions(lambda e: np.log1p(e.calls.calling())),
    "class_best": class_best,
    "class_mean": class_mean,
    # The logarithm of the number of methods of the function's class.
    "class_size": functions(lambda e: np.log1p(e.corpus.class_sizes)),
    "overridden": overridden,
}
WITHIN: Features[FunctionCandidates] = {
    **{f"{signal}_{group}_rank": partial(rank, signal, group) for signal in _SIGNALS for group in _GROUPS},
    **{f"{signal}_behind": partial(behind, signal) for signal in _SIGNALS},
    "place": place,
}
"""Features that compare a function with the other candidates in its file and in its class."""
