"""The features of fragments for the learned reranker of search. Each function computes the feature with the
function's name. The weights contain the names of the features."""

from __future__ import annotations

from . import kinds, scores, similarity, words

FEATURES = {**scores.FEATURES, **words.FEATURES, **similarity.FEATURES, **kinds.FEATURES}
"""The features by name, in the order of the columns."""
