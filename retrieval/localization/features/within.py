"""Features that compare a function with the other candidates in its file and in its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ...ranking.features import Features
from ..corpus import BODY, NAME, Ints, Vector
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import FunctionCandidates, group_best, group_rank

_SIGNALS: Mapping[str, Callable[[FunctionCandidates], Vector]] = {
    "base": lambda p: p.of(p.evidence.base),
    "words": lambda p: p.of(p.evidence.bm25[WHOLE]),
    "title": lambda p: p.of(p.evidence.bm25[TITLE]),
    "title_name": lambda p: p.of(p.evidence.lexical[TITLE, NAME]),
    "title_body": lambda p: p.of(p.evidence.lexical[TITLE, BODY]),
    "code": lambda p: p.of(p.evidence.bm25[CODE]),
    "meaning": lambda p: 1.0 + p.of(p.evidence.dense[WHOLE]),
    "title_meaning": lambda p: 1.0 + p.of(p.evidence.dense[TITLE]),
}
_GROUPS: Mapping[str, Callable[[FunctionCandidates], Ints]] = {
    "file": lambda p: p.files,
    "class": lambda p: p.owners,
}


def rank(signal: str, group: str, p: FunctionCandidates) -> Vector:
    """1 / rank of the function by a signal, among the candidates in its file or class."""
    return group_rank(_GROUPS[group](p), _SIGNALS[signal](p))


def behind(signal: str, p: FunctionCandidates) -> Vector:
    """The signal of the function, divided by the highest signal of a candidate in its file."""
    values = _SIGNALS[signal](p)
    top = group_best(p.files, values)
    shares: Vector = np.divide(values, top, out=np.zeros(len(p)), where=top > 0)
    return shares


def place(p: FunctionCandidates) -> Vector:
    """The position of the function in its file: 0 for the first function of the file, 1 for the last."""
    bounds = p.evidence.corpus.bounds
    first, many = bounds[p.files], np.diff(bounds)[p.files]
    found: Vector = (p.rows - first) / np.maximum(1, many - 1)
    return found


FEATURES: Features[FunctionCandidates] = {
    **{f"{signal}_{group}_rank": partial(rank, signal, group) for signal in _SIGNALS for group in _GROUPS},
    **{f"{signal}_behind": partial(behind, signal) for signal in _SIGNALS},
    "place": place,
}
