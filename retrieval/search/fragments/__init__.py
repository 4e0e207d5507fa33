"""The features of fragments for the learned reranker of search. Each function computes the feature with the
function's name. The weights contain the names of the features."""

from __future__ import annotations

from ...ranking.features import FeatureRegistry
from . import kinds, scores, similarity, words
from .evidence import FragmentEvidence

FEATURES: FeatureRegistry[FragmentEvidence] = FeatureRegistry({
    "scores": scores.FEATURES,
    "words": words.FEATURES,
    "similarity": similarity.FEATURES,
    "kinds": kinds.FEATURES,
})  # fmt: skip
