"""Features of the cosines between dense vectors of the issue and of functions."""

from __future__ import annotations

import numpy as np

from ...ranking.features import for_each, mean_by_owner, named
from ..corpus import Vector, maxima
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import FunctionCandidates, group_mean, reciprocal_ranks, z_scores

_TOP = 3


def cosine(part: str, p: FunctionCandidates) -> Vector:
    """The cosine of the part and the function."""
    return p.of(p.evidence.dense[part])


def gap(part: str, p: FunctionCandidates) -> Vector:
    """The gap to the best candidate."""
    values = cosine(part, p)
    behind: Vector = values - values.max(initial=-1.0)
    return behind


def rank(part: str, p: FunctionCandidates) -> Vector:
    """1 / rank by `cosine`."""
    return reciprocal_ranks(1.0 + cosine(part, p))


def above_file(part: str, p: FunctionCandidates) -> Vector:
    """`cosine` relative to the mean of its file's candidates."""
    values = cosine(part, p)
    return values - group_mean(p.files, values)


def best_sentence(p: FunctionCandidates) -> Vector:
    """The highest cosine with a sentence."""
    best: Vector = p.sentence_cosines.max(axis=0)
    return best


def best_sentences(p: FunctionCandidates) -> Vector:
    """The mean of the three highest cosines with sentences."""
    few: Vector = np.sort(p.sentence_cosines, axis=0)[-_TOP:].mean(axis=0)
    return few


def sentence_rank(p: FunctionCandidates) -> Vector:
    """1 / the function's best rank by the cosine with a sentence."""
    ranks = np.stack([reciprocal_ranks(1.0 + row) for row in p.sentence_cosines])
    best: Vector = ranks.max(axis=0)
    return best


def file_best(part: str, p: FunctionCandidates) -> Vector:
    """The highest cosine of the part with a function of the file."""
    corpus = p.evidence.corpus
    return p.of_files(maxima(corpus.file, p.evidence.dense[part], len(corpus.paths)))


def file_mean(part: str, p: FunctionCandidates) -> Vector:
    """The mean cosine of the part with the functions of the file."""
    corpus = p.evidence.corpus
    return p.of_files(mean_by_owner(corpus.file, p.evidence.dense[part], len(corpus.paths)))


def standard(part: str, p: FunctionCandidates) -> Vector:
    """`cosine` in standard deviations above the mean of all candidates."""
    return z_scores(cosine(part, p))


FEATURES = {
    **for_each((WHOLE, TITLE, CODE), cosine, gap, rank, above_file, file_best, file_mean, standard),
    **named(best_sentence, best_sentences, sentence_rank),
}
