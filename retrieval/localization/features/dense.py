"""Features of the cosines of dense vectors of the issue with dense vectors of functions."""

from __future__ import annotations

import numpy as np

from ...ranking.features import for_each, named
from ...ranking.scaling import Vector, behind_max, group_mean, mean_by_owner, z_scores
from ..corpus import maxima
from ..issue import CODE, TITLE, WHOLE
from .function_candidates import FunctionCandidates, ranks

_TOP = 3


def cosine(part: str, p: FunctionCandidates) -> Vector:
    """The cosine of the part with the function."""
    return p.of(p.evidence.dense[part])


def gap(part: str, p: FunctionCandidates) -> Vector:
    """The value of `cosine` minus the highest value of a candidate."""
    return behind_max(cosine(part, p))


def rank(part: str, p: FunctionCandidates) -> Vector:
    """1 / rank of the candidate by `cosine`."""
    return ranks(1.0 + cosine(part, p))


def above_file(part: str, p: FunctionCandidates) -> Vector:
    """The value of `cosine` minus its mean over the candidates of the function's file."""
    values = cosine(part, p)
    return values - group_mean(p.files, values)


def best_sentence(p: FunctionCandidates) -> Vector:
    """The highest cosine of the function with a sentence of the issue."""
    return np.asarray(p.sentence_cosines.max(axis=0), np.float64)


def best_sentences(p: FunctionCandidates) -> Vector:
    """The mean of the function's three highest cosines with sentences of the issue."""
    return np.asarray(np.sort(p.sentence_cosines, axis=0)[-_TOP:].mean(axis=0), np.float64)


def sentence_rank(p: FunctionCandidates) -> Vector:
    """1 / the best rank of the function by the cosine with one sentence of the issue."""
    return np.asarray(np.stack([ranks(1.0 + row) for row in p.sentence_cosines]).max(axis=0), np.float64)


def file_best(part: str, p: FunctionCandidates) -> Vector:
    """The highest cosine of the part with a function in the candidate's file."""
    corpus = p.evidence.corpus
    return p.of_files(maxima(corpus.file, p.evidence.dense[part], len(corpus.paths)))


def file_mean(part: str, p: FunctionCandidates) -> Vector:
    """The mean cosine of the part with the functions in the candidate's file."""
    corpus = p.evidence.corpus
    return p.of_files(mean_by_owner(corpus.file, p.evidence.dense[part], len(corpus.paths)))


def standard(part: str, p: FunctionCandidates) -> Vector:
    """The difference of `cosine` from its mean over all candidates, in standard deviations."""
    return z_scores(cosine(part, p))


FEATURES = {
    **for_each((WHOLE, TITLE, CODE), cosine, gap, rank, above_file, file_best, file_mean, standard),
    **named(best_sentence, best_sentences, sentence_rank),
}
