"""What the learned ranker of search sees of a fragment: named pure functions of the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from . import kinds, likeness, scores, words
from .evidence import Fragments, Vector

Feature = Callable[[Fragments], Vector]

FEATURES: Mapping[str, Feature] = {**scores.FEATURES, **words.FEATURES, **likeness.FEATURES, **kinds.FEATURES}
"""In the order of the columns."""


def matrix(fragments: Fragments) -> NDArray[np.float32]:
    """All features of all candidates [n, features]."""
    columns = [feature(fragments) for feature in FEATURES.values()]
    return np.ascontiguousarray(np.stack(columns, axis=1), np.float32)
