"""Features of how similar a fragment's words are to the words of the query."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...ranking.features import Features, for_each
from ...ranking.scaling import Vector, reciprocal_ranks, weighted_sum
from .evidence import BODY, HEAD, NAME, SIMILAR_COSINE, FragmentEvidence


def near(field: str, f: FragmentEvidence) -> Vector:
    """The mean, weighted by IDF, of each query word's highest cosine with a word of the field."""
    return weighted_sum(f.max_cosines[field], f.query_word_weights, 0)


def near_worst(field: str, f: FragmentEvidence) -> Vector:
    """The lowest of the cosines that `near` averages."""
    return f.max_cosines[field].min(axis=0) if len(f.query_words) else np.zeros(len(f))


_OF_FIELD: Mapping[str, Callable[[str, FragmentEvidence], Vector]] = {
    "near": near,
    # 1 / rank by `near`.
    "near_rank": lambda field, f: reciprocal_ranks(near(field, f), 3),
    "near_worst": near_worst,
    # The share of the query's words, weighted by IDF, to which no word of the field is similar.
    "near_missed": lambda field, f: weighted_sum(
        f.max_cosines[field] < SIMILAR_COSINE, f.query_word_weights, 0
    ),
}

FEATURES: Features[FragmentEvidence] = {
    **for_each((BODY, NAME, HEAD), _OF_FIELD),
    # The mean, over the words of the qualified name, of the word's highest cosine with a query word.
    "name_answered": lambda f: f.own_name_cosine,
}
