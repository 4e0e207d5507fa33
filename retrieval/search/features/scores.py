"""Features made of the scores of a file's fragments on each leg."""

from __future__ import annotations

import numpy as np

from indexer.store import DENSE

from ...ranking.features import Features, for_each, named
from ...ranking.scaling import Vector, behind_max, reciprocal_ranks, relative_to_max
from ..evidence import FUSED, LEARNED, LEXICAL, FileEvidence

_LEADING = 10
"""`leading` counts fragments that are among this number of best fragments of all files."""


def best(leg: str, e: FileEvidence) -> Vector:
    """The scaled score of the file's best fragment."""
    return e.top[leg][:, 0]


def second(leg: str, e: FileEvidence) -> Vector:
    """The scaled score of the file's second best fragment."""
    return e.top[leg][:, 1]


def third(leg: str, e: FileEvidence) -> Vector:
    """The scaled score of the file's third best fragment."""
    return e.top[leg][:, 2]


def gap(leg: str, e: FileEvidence) -> Vector:
    """The unscaled score of the file's best fragment minus that of the best fragment of all files."""
    return behind_max(e.candidates.max_by_file(e.candidates.scores[leg]))


def rank(leg: str, e: FileEvidence) -> Vector:
    """1 / rank of the file by the score of its best fragment."""
    return reciprocal_ranks(e.top[leg][:, 0])


def total(leg: str, e: FileEvidence) -> Vector:
    """The sum of the scaled scores of the file's fragments."""
    return e.candidates.sum_by_file(e.minmax[leg])


def leading(leg: str, e: FileEvidence) -> Vector:
    """How many of the ten best fragments of all files are in the file."""
    among = reciprocal_ranks(e.candidates.scores[leg]) >= 1 / _LEADING
    return e.candidates.sum_by_file(among.astype(np.float64))


def head(leg: str, e: FileEvidence) -> Vector:
    """The scaled score of the file's first fragment, which contains the leading comment and the imports."""
    return e.candidates.max_by_file((e.start_lines == 1) * e.minmax[leg])


def of_class(leg: str, e: FileEvidence) -> Vector:
    """The best scaled score of a class head in the file."""
    return e.candidates.max_by_file(e.classes * e.minmax[leg])


def of_function(leg: str, e: FileEvidence) -> Vector:
    """The best scaled score of a function or method in the file."""
    return e.candidates.max_by_file((1 - e.classes) * (1 - e.blocks) * e.minmax[leg])


def both(e: FileEvidence) -> Vector:
    """The lower of the scaled BM25 score and the scaled dense score of a fragment.

    The value is the maximum over the file's fragments.
    """
    return e.candidates.max_by_file(np.minimum(e.minmax[LEXICAL], e.minmax[DENSE]))


def whole(e: FileEvidence) -> Vector:
    """The BM25 score of the whole file, divided by that of the best file."""
    return relative_to_max(e.candidates.file_scores)


def whole_rank(e: FileEvidence) -> Vector:
    """1 / rank of the file by the BM25 score of the whole file; 0 if that score is 0."""
    return reciprocal_ranks(e.candidates.file_scores, positive=True)


def whole_gap(e: FileEvidence) -> Vector:
    """The BM25 score of the whole file minus that of the best file."""
    return behind_max(e.candidates.file_scores)


def hits(e: FileEvidence) -> Vector:
    """The number of candidates in the file."""
    return e.candidates.counts.astype(np.float64)


def hits_share(e: FileEvidence) -> Vector:
    """The share of all candidates that are in the file."""
    return np.asarray(e.candidates.counts / e.candidates.counts.sum(), np.float64)


_LEGS = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused", LEARNED: "learned"}

FEATURES: Features[FileEvidence] = {
    **for_each(_LEGS, best, second, third, gap, rank, total, leading, head, of_class, of_function),
    **named(both, whole, whole_rank, whole_gap, hits, hits_share),
}
