"""Fits a linear ranker by the listwise softmax loss (ListNet: Cao et al., 2007) with ridge regularisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer import extras

Vector = NDArray[np.float64]

_ROUNDS = 200
_DIGITS = 6
"""Decimals to which slopes and means are rounded, because the last bits depend on the processor."""


def fit(
    rows: NDArray[np.float32], relevant: NDArray[np.bool_], sizes: Sequence[int], ridge: float
) -> tuple[Vector, Vector]:
    """Fit a ranker to `rows` [n, f]. Returns the slopes [f] and the means [f] of the features.

    `sizes` are the numbers of rows of the groups, which follow one another in `rows`. Each group must have a
    relevant row. The loss of a group is the cross-entropy of the softmax of its scores, with equal targets
    for its relevant rows. The penalty `ridge` is on the weights of the standardised features. Raises
    Unsupported without SciPy.
    """
    optimize = _scipy()
    center = rows.mean(axis=0, dtype=np.float64)
    spread = rows.std(axis=0, dtype=np.float64)
    spread[spread < 1e-9] = np.inf  # a constant feature gets no weight
    x = (rows - center) / spread
    counts = np.asarray(sizes)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    wanted = relevant / np.repeat(np.add.reduceat(relevant.astype(np.float64), starts), counts)

    def loss(weights: Vector) -> tuple[float, Vector]:
        # No matrix products: their last bits depend on the number of threads.
        scores = np.einsum("ij,j->i", x, weights)
        scores -= np.repeat(np.maximum.reduceat(scores, starts), counts)
        grown = np.exp(scores)
        totals = np.repeat(np.add.reduceat(grown, starts), counts)
        value = -(wanted * (scores - np.log(totals))).sum() / len(counts) + ridge * (weights**2).sum()
        slope = np.einsum("ij,i->j", x, grown / totals - wanted) / len(counts) + 2 * ridge * weights
        return float(value), slope

    start = np.zeros(rows.shape[1])
    best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    return np.round(best / spread, _DIGITS), np.round(center, _DIGITS)


def _scipy() -> Any:
    return extras.require("scipy.optimize", "train", "training")
