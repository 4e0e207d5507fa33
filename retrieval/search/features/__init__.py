"""What the learned ranker of search sees of a file: named pure functions of the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..evidence import Evidence, Vector
from . import files, names, scores

Feature = Callable[[Evidence], Vector]

FEATURES: Mapping[str, Feature] = {**scores.FEATURES, **names.FEATURES, **files.FEATURES}
"""In the order of the columns."""


def matrix(evidence: Evidence) -> NDArray[np.float32]:
    """All features of all files [f, features]."""
    columns = [feature(evidence) for feature in FEATURES.values()]
    return np.ascontiguousarray(np.stack(columns, axis=1), np.float32)
