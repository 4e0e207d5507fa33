"""The features of continuations. Each function computes the feature with the function's name. The weights
contain the names of the features.

`NAMES` are all features in the order of the columns. The features of the module `parsed` require a parse, so
they are computed only for the best candidates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...ranking.features import Features
from ...ranking.features import matrix as columns
from . import balance, layout, names, parsed, place, scores, words
from .cut_candidates import CutCandidate, CutCandidates, Matrix

__all__ = ["CHEAP", "NAMES", "PARSED", "CutCandidate", "CutCandidates", "Matrix", "matrix"]

_CHEAP: Features[CutCandidates] = {
    **scores.FEATURES, **names.FEATURES, **words.FEATURES,
    **balance.FEATURES, **layout.FEATURES, **place.FEATURES,
}  # fmt: skip

CHEAP: tuple[str, ...] = tuple(_CHEAP)
PARSED: tuple[str, ...] = parsed.NAMES
NAMES: tuple[str, ...] = (*CHEAP, *PARSED)


def matrix(pool: CutCandidates) -> Matrix:
    """The cheap features of all candidates [n, len(CHEAP)]. All values are finite."""
    return np.nan_to_num(columns(_CHEAP, pool), copy=False, posinf=0.0, neginf=0.0)


def with_parsed(cheap: Matrix, rows: Sequence[int], pool: CutCandidates) -> NDArray[np.float32]:
    """All features of the candidates with the indexes `rows` [len(rows), len(NAMES)]."""
    return np.hstack([cheap[list(rows)], parsed.matrix(pool, rows)])
