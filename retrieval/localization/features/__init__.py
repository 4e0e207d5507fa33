"""The features of locate. Each module has one group of features. The weights contain the features' names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...ranking.features import Features
from ...ranking.features import matrix as columns
from . import dense, files, graph, lexical, mentions, past, priors, similarity, traces, within
from .function_candidates import FunctionCandidates

GROUPS: Mapping[str, Features[FunctionCandidates]] = {
    "lexical": lexical.FEATURES,
    "dense": dense.FEATURES,
    "likeness": similarity.FEATURES,
    "mentions": mentions.FEATURES,
    "traces": traces.FEATURES,
    "history": past.FEATURES,
    "graph": graph.FEATURES,
    "files": files.FEATURES,
    "within": within.FEATURES,
    "priors": priors.FEATURES,
}
FEATURES: Features[FunctionCandidates] = {
    f"{group}.{name}": one for group, found in GROUPS.items() for name, one in found.items()
}
NAMES = tuple(FEATURES)


def matrix(candidates: FunctionCandidates) -> NDArray[np.float32]:
    """The features of all candidates [k, features]."""
    if not len(candidates):
        return np.zeros((0, len(NAMES)), np.float32)
    return np.nan_to_num(columns(FEATURES, candidates))
