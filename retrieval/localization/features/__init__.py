"""The features of locate. Each module has one group of features. The weights contain the features' names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..corpus import Vector
from . import dense, files, graph, lexical, mentions, past, priors, similarity, traces, within
from .function_candidates import FunctionCandidates

GROUPS: Mapping[str, Mapping[str, Callable[[FunctionCandidates], Vector]]] = {
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
FEATURES: Mapping[str, Callable[[FunctionCandidates], Vector]] = {
    f"{group}.{name}": one for group, found in GROUPS.items() for name, one in found.items()
}
NAMES = tuple(FEATURES)


def matrix(candidates: FunctionCandidates) -> NDArray[np.float32]:
    """The features of all candidates [k, features]."""
    columns = [np.asarray(one(candidates), np.float32) for one in FEATURES.values()]
    return (
        np.nan_to_num(np.stack(columns, axis=1)) if len(candidates) else np.zeros((0, len(NAMES)), np.float32)
    )
