"""Features of how similar a fragment's words are to the words of the query."""

from __future__ import annotations

import numpy as np

from ...ranking.features import for_each, named
from ...ranking.scaling import Vector, reciprocal_ranks
from .evidence import BODY, HEAD, NAME, SIMILAR_COSINE, FragmentEvidence


def near(field: str, f: FragmentEvidence) -> Vector:
    """The mean, weighted by IDF, of each query word's highest cosine with a word of the field."""
    return _weighted_sum(f.max_cosines[field], f.query_word_weights)


def near_rank(field: str, f: FragmentEvidence) -> Vector:
    """1 / rank by `near`."""
    return reciprocal_ranks(near(field, f), 3)


def near_worst(field: str, f: FragmentEvidence) -> Vector:
    """The lowest of the cosines that `near` averages."""
    return f.max_cosines[field].min(axis=0) if len(f.query_words) else np.zeros(len(f))


def near_missed(field: str, f: FragmentEvidence) -> Vector:
    """The share of the query's words, weighted by IDF, to which no word of the field is similar."""
    return _weighted_sum((f.max_cosines[field] < SIMILAR_COSINE).astype(np.float64), f.query_word_weights)


def name_answered(f: FragmentEvidence) -> Vector:
    """The mean, over the words of the qualified name, of the word's highest cosine with a query word."""
    return f.own_name_cosine


def _weighted_sum(values: Vector, weights: Vector) -> Vector:
    return np.asarray(np.einsum("qn,q->n", values, weights), np.float64)


FEATURES = {
    **for_each((BODY, NAME, HEAD), near, near_rank, near_worst, near_missed),
    **named(name_answered),
}
