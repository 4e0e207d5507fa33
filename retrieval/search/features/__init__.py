"""The features of files for the learned reranker of search. Each function computes the feature with the
function's name. The weights contain the names of the features."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..evidence import FileEvidence, Vector
from . import files, names, scores

Feature = Callable[[FileEvidence], Vector]

FEATURES: Mapping[str, Feature] = {**scores.FEATURES, **names.FEATURES, **files.FEATURES}
"""The features by name, in the order of the columns."""


def matrix(evidence: FileEvidence) -> NDArray[np.float32]:
    """All features of all files [f, features]."""
    columns = [feature(evidence) for feature in FEATURES.values()]
    return np.ascontiguousarray(np.stack(columns, axis=1), np.float32)
