"""Features of the function's file."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...ranking.features import Features, named, others_best, relative_to_max
from ..corpus import Vector
from ..evidence import best
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import FunctionCandidates, reciprocal_ranks

_FRONT = 50


def whole(part: str, p: FunctionCandidates) -> Vector:
    """The BM25 score of the whole file, divided by that of the best file."""
    return p.of_files(relative_to_max(p.evidence.file_bm25[part]))


def file_rank(p: FunctionCandidates) -> Vector:
    """1 / rank of the file by `file_base`."""
    return p.of_files(reciprocal_ranks(p.evidence.file_base))


def file_base(p: FunctionCandidates) -> Vector:
    """The file's base score, divided by that of the best file."""
    return p.of_files(relative_to_max(p.evidence.file_base))


def file_best(p: FunctionCandidates) -> Vector:
    """The base score of the best other candidate in the file."""
    return others_best(p.files.tolist(), p.of(relative_to_max(p.evidence.base)))


def file_hits(p: FunctionCandidates) -> Vector:
    """The logarithm of how many of the _FRONT best functions are in the file."""
    front = best(p.evidence.base, _FRONT)
    many = np.bincount(p.evidence.corpus.file[front], minlength=len(p.evidence.corpus.paths))
    return np.log1p(p.of_files(many.astype(np.float64)))


def file_named(p: FunctionCandidates) -> Vector:
    """How completely the issue mentions the file's path."""
    return p.of_files(p.evidence.named.path)


def file_module(p: FunctionCandidates) -> Vector:
    """How much of a dotted name in the issue matches the file's path."""
    return p.of_files(p.evidence.named.module)


def file_stem(p: FunctionCandidates) -> Vector:
    """The confidence that the issue means the file's bare name as code."""
    return p.of_files(p.evidence.named.stems)


def file_size(p: FunctionCandidates) -> Vector:
    """The logarithm of the number of functions in the file."""
    many = np.bincount(p.evidence.corpus.file, minlength=len(p.evidence.corpus.paths))
    return np.log1p(p.of_files(many.astype(np.float64)))


FEATURES: Features[FunctionCandidates] = {
    **{f"file_{part}": partial(whole, part) for part in (WHOLE, TITLE, CODE)},
    **named(file_rank, file_base, file_best, file_hits, file_named, file_module, file_stem, file_size),
}
