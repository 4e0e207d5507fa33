"""The features of fragments for the learned reranker of search. Each function computes the feature with the
function's name. The weights contain the names of the features."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from . import kinds, scores, similarity, words
from .evidence import FragmentEvidence, Vector

Feature = Callable[[FragmentEvidence], Vector]

FEATURES: Mapping[str, Feature] = {
    **scores.FEATURES,
    **words.FEATURES,
    **similarity.FEATURES,
    **kinds.FEATURES,
}
"""The features by name, in the order of the columns."""


def matrix(fragments: FragmentEvidence) -> NDArray[np.float32]:
    """All features of all candidates [n, features]."""
    columns = [feature(fragments) for feature in FEATURES.values()]
    return np.ascontiguousarray(np.stack(columns, axis=1), np.float32)
