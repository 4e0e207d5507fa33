"""Features of the function's file."""

from __future__ import annotations

import numpy as np

from ...ranking.features import Features
from ...ranking.scaling import Ints, Vector, others_best, relative_to_max
from ..evidence import IssueEvidence, best
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import FunctionCandidates, files, ranks

_FRONT = 50


def file_best(p: FunctionCandidates) -> Vector:
    """The base score of the best other candidate in the file."""
    return others_best(p.files.tolist(), p.of(relative_to_max(p.evidence.base)))


def file_hits(p: FunctionCandidates) -> Vector:
    """The logarithm of how many of the _FRONT best functions are in the file."""
    front = p.evidence.corpus.file[best(p.evidence.base, _FRONT)]
    return np.log1p(p.of_files(_counts(p.evidence, front)))


def _counts(evidence: IssueEvidence, numbers: Ints) -> Vector:
    """How often the number of each file occurs [f]."""
    return np.bincount(numbers, minlength=len(evidence.corpus.paths)).astype(np.float64)


FEATURES: Features[FunctionCandidates] = {
    # The BM25 score of the whole file, divided by that of the best file.
    "file_whole": files(lambda e: relative_to_max(e.file_bm25[WHOLE])),
    "file_title": files(lambda e: relative_to_max(e.file_bm25[TITLE])),
    "file_code": files(lambda e: relative_to_max(e.file_bm25[CODE])),
    # 1 / rank of the file by its base score, and this score divided by that of the best file.
    "file_rank": files(lambda e: ranks(e.file_base)),
    "file_base": files(lambda e: relative_to_max(e.file_base)),
    "file_best": file_best,
    "file_hits": file_hits,
    # How the issue mentions the file: by path, by a dotted name of its module, by its bare name.
    "file_named": files(lambda e: e.named.path),
    "file_module": files(lambda e: e.named.module),
    "file_stem": files(lambda e: e.named.stems),
    # The logarithm of the number of functions in the file.
    "file_size": files(lambda e: np.log1p(_counts(e, e.corpus.file))),
}
