"""The features of continuations. Each function computes the feature of its name; the weights store the names.

`NAMES` are the columns in order. Those of `parsed` require a parse, so only the best candidates have them.
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
    """The cheap features of all candidates [n, len(CHEAP)]; all values are finite."""
    return np.nan_to_num(columns(_CHEAP, pool), copy=False, posinf=0.0, neginf=0.0)


def with_parsed(cheap: Matrix, rows: Sequence[int], pool: CutCandidates) -> NDArray[np.float32]:
    """All features of some candidates, including those of their parsed joins [len(rows), len(NAMES)]."""
    return np.hstack([cheap[list(rows)], parsed.matrix(pool, rows)])
