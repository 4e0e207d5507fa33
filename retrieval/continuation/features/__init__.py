"""The features of continuations. Each function computes the feature with the function's name. The weights
contain the names of the features.

The features of the group "parsed" require a parse, so they are computed only for the best candidates.
"""

from __future__ import annotations

from ...ranking.features import FeatureRegistry
from . import balance, layout, place, scores, words
from .cut_candidates import CutCandidate, CutCandidates

__all__ = ["FEATURES", "CutCandidate", "CutCandidates"]

FEATURES: FeatureRegistry[CutCandidates] = FeatureRegistry(
    {
        "scores": scores.FEATURES,
        "names": words.FUNCTION_NAMES,
        "words": words.FEATURES,
        "balance": balance.FEATURES,
        "layout": layout.FEATURES,
        "place": place.FEATURES,
        "parsed": balance.PARSED,
    },
    costly=("parsed",),
)
