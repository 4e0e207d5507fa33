"""The features of continuations. Each function computes the feature with the function's name. The weights
contain the names of the features.

The features of the group "parsed" require a parse, so they are computed only for the best candidates.
"""

from __future__ import annotations

from ...ranking.features import FeatureRegistry
from . import balance, layout, names, parsed, place, scores, words
from .cut_candidates import CutCandidate, CutCandidates

__all__ = ["FEATURES", "CutCandidate", "CutCandidates"]

FEATURES: FeatureRegistry[CutCandidates] = FeatureRegistry(
    {
        "scores": scores.FEATURES,
        "names": names.FEATURES,
        "words": words.FEATURES,
        "balance": balance.FEATURES,
        "layout": layout.FEATURES,
        "place": place.FEATURES,
        "parsed": parsed.FEATURES,
    },
    costly=("parsed",),
)
