"""Features of how similar a fragment's words are to the words of the query."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...ranking.features import Features, for_each
from ...ranking.scaling import Vector, reciprocal_ranks
from .evidence import BODY, HEAD, NAME, SIMILAR_COSINE, FragmentEvidence


def near(field: str, f: FragmentEvidence) -> Vector:
    """The mean, weighted by IDF, of each query word's highest cosine with a word of the field."""
    return _weighted_sum(f.max_cosines[field], f.query_word_weights)


def near_worst(field: str, f: FragmentEvidence) -> Vector:
    """The lowest of the cosines that `near` averages."""
    return f.max_cosines[field].min(axis=0) if len(f.query_words) else np.zeros(len(f))


def _weighted_sum(values: Vector, weights: Vector) -> Vector:
    return np.asarray(np.einsum("qn,q->n", values, weights), np.float64)


_OF_FIELD: Mapping[str, Callable[[str, FragmentEvidence], Vector]] = {
    "near": near,
    # 1 / rank by `near`.
    "near_rank": lambda field, f: reciprocal_ranks(near(field, f), 3),
    "near_worst": near_worst,
    # The share of the query's words, weighted by IDF, to which no word of the field is similar.
    "near_missed": lambda field, f: _weighted_sum(
        (f.max_cosines[field] < SIMILAR_COSINE).astype(np.float64), f.query_word_weights
    ),
}

FEATURES: Features[FragmentEvidence] = {
    **for_each((BODY, NAME, HEAD), _OF_FIELD),
    # The mean, over the words of the qualified name, of the word's highest cosine with a query word.
    "name_answered": lambda f: f.own_name_cosine,
}
