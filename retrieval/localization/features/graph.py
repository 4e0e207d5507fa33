"""Features that compare a function with its callers and callees, and others of its class, file or name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial

import numpy as np

from ...ranking.features import Features
from ...ranking.scaling import Ints, Vector, group_best, group_mean, group_ranks, others_best, relative_to_max
from ..corpus import BODY, NAME
from ..evidence import IssueEvidence, best
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import DIGITS, Feature, FunctionCandidates, files, functions, ranks

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
_FRONT = 50


def others(groups: Callable[[FunctionCandidates], Sequence[Hashable]]) -> Feature:
    """The base score of the best other candidate in the function's group."""
    return lambda p: others_best(groups(p), p.of(_base(p.evidence)))


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


def file_hits(p: FunctionCandidates) -> Vector:
    """The logarithm of how many of the _FRONT best functions are in the file."""
    front = p.evidence.corpus.file[best(p.evidence.base, _FRONT)]
    return np.asarray(np.log1p((front == p.files[:, None]).sum(axis=1)), np.float64)


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
    # The base score of the best other candidate in the function's class, and the mean of all in the class.
    "class_best": others(lambda p: p.owners.tolist()),
    "class_mean": lambda p: group_mean(p.owners, p.of(_base(p.evidence))),
    # The logarithm of the number of methods of the function's class.
    "class_size": functions(lambda e: np.log1p(e.corpus.class_sizes)),
    # As `class_best`, but for the candidates with the function's name, such as overrides.
    "overridden": others(lambda p: [f.name for f in p.functions]),
}
WITHIN: Features[FunctionCandidates] = {
    **{f"{signal}_{group}_rank": partial(rank, signal, group) for signal in _SIGNALS for group in _GROUPS},
    **{f"{signal}_behind": partial(behind, signal) for signal in _SIGNALS},
    "place": place,
}
"""Features that compare a function with the other candidates in its file and in its class."""
FILES: Features[FunctionCandidates] = {
    # The BM25 score of the whole file, divided by that of the best file.
    "file_whole": files(lambda e: relative_to_max(e.file_bm25[WHOLE])),
    "file_title": files(lambda e: relative_to_max(e.file_bm25[TITLE])),
    "file_code": files(lambda e: relative_to_max(e.file_bm25[CODE])),
    # 1 / rank of the file by its base score, and this score divided by that of the best file.
    "file_rank": files(lambda e: ranks(e.file_base)),
    "file_base": files(lambda e: relative_to_max(e.file_base)),
    # The base score of the best other candidate in the file.
    "file_best": others(lambda p: p.files.tolist()),
    "file_hits": file_hits,
    # How the issue mentions the file: by path, by a dotted name of its module, by its bare name.
    "file_named": files(lambda e: e.named.path),
    "file_module": files(lambda e: e.named.module),
    "file_stem": files(lambda e: e.named.stems),
    # The logarithm of the number of functions in the file.
    "file_size": files(lambda e: np.log1p(np.diff(e.corpus.bounds))),
}
"""Features of the function's file."""
