"""Features of the cosines of dense vectors of the issue with dense vectors of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...ranking.features import Features, for_each
from ...ranking.scaling import Vector, behind_max, group_mean, mean_by_owner, z_scores
from ..corpus import maxima
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import FunctionCandidates, ranks

_TOP = 3


def above_file(part: str, p: FunctionCandidates) -> Vector:
    """The value of `cosine` minus its mean over the candidates of the function's file."""
    values = p.of(p.evidence.dense[part])
    return values - group_mean(p.files, values)


def file_best(part: str, p: FunctionCandidates) -> Vector:
    """The highest cosine of the part with a function in the candidate's file."""
    corpus = p.evidence.corpus
    return p.of_files(maxima(corpus.file, p.evidence.dense[part], len(corpus.paths)))


def file_mean(part: str, p: FunctionCandidates) -> Vector:
    """The mean cosine of the part with the functions in the candidate's file."""
    corpus = p.evidence.corpus
    return p.of_files(mean_by_owner(corpus.file, p.evidence.dense[part], len(corpus.paths)))


_OF_PART: Mapping[str, Callable[[str, FunctionCandidates], Vector]] = {
    # The cosine of the part with the function; the same minus the highest cosine of a candidate; 1 / rank.
    "cosine": lambda part, p: p.of(p.evidence.dense[part]),
    "gap": lambda part, p: behind_max(p.of(p.evidence.dense[part])),
    "rank": lambda part, p: ranks(1.0 + p.of(p.evidence.dense[part])),
    "above_file": above_file,
    "file_best": file_best,
    "file_mean": file_mean,
    # The difference of `cosine` from its mean over all candidates, in standard deviations.
    "standard": lambda part, p: z_scores(p.of(p.evidence.dense[part])),
}

FEATURES: Features[FunctionCandidates] = {
    **for_each((WHOLE, TITLE, CODE), _OF_PART),
    # The highest, and the mean of the three highest cosines of the function with sentences of the issue.
    "best_sentence": lambda p: p.sentence_cosines.max(axis=0),
    "best_sentences": lambda p: np.sort(p.sentence_cosines, axis=0)[-_TOP:].mean(axis=0),
    # 1 / the best rank of the function by the cosine with one sentence of the issue.
    "sentence_rank": lambda p: np.stack([ranks(1.0 + row) for row in p.sentence_cosines]).max(axis=0),
}
