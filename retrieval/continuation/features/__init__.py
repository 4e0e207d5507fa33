"""The features of continuations. Each function computes the feature with the function's name. The weights
contain the names of the features.

The features of the group "parsed" require a parse, so they are computed only for the best candidates.
"""

from __future__ import annotations

from ...ranking.features import FeatureRegistry
from . import layout, place, words
from .cut_candidates import CutCandidate, CutCandidates

__all__ = ["FEATURES", "CutCandidate", "CutCandidates"]

FEATURES: FeatureRegistry[CutCandidates] = FeatureRegistry(
    {
        "scores": place.SCORES,
        "names": words.FUNCTIONS,
        "words": words.WORDS,
        "balance": layout.BALANCE,
        "layout": layout.LAYOUT,
        "place": place.PLACE,
        "parsed": layout.PARSED,
    },
    costly=("parsed",),
)
