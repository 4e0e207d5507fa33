"""Intervals by resampling: the percentile bootstrap (Efron, 1979), paired when two runs are compared.

The resamples depend only on the seed and the number of questions. They use the raw stream of PCG64, which is
the same in every version of numpy. The distributions that numpy derives from the stream may change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

RESAMPLES = 5_000
LEVEL = 0.95
DIGITS = 6
"""Decimals to which figures are rounded, because the last bits of a sum depend on the processor."""
_BLOCK = 1 << 21
"""Number of draws held in memory at a time."""


class Estimate(Struct, frozen=True):
    """A mean over questions with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def estimates(columns: Mapping[str, Sequence[float]], seed: int = 0) -> dict[str, Estimate]:
    """The mean of each column, with intervals from the same resamples for all columns.

    Columns have one value per question, in the same order.
    """
    names = list(columns)
    if not names or not columns[names[0]]:
        return {}
    values = np.array([columns[name] for name in names], np.float64)
    drawn = np.sort(_resampled(values, seed), axis=0)
    tail = (1 - LEVEL) / 2
    low, high = drawn[math.floor(tail * RESAMPLES)], drawn[math.ceil((1 - tail) * RESAMPLES) - 1]
    return {
        name: Estimate(*(round(float(x), DIGITS) for x in (mean(columns[name]), low[i], high[i])))
        for i, name in enumerate(names)
    }


def estimate(values: Sequence[float], seed: int = 0) -> Estimate:
    """The mean of one column."""
    return estimates({"": values}, seed)[""]


def difference(ours: Sequence[float], theirs: Sequence[float], seed: int = 0) -> Estimate:
    """The mean of `ours` - `theirs`, with the interval of the paired difference."""
    return estimate([a - b for a, b in zip(ours, theirs, strict=True)], seed)


def mean(values: Sequence[float]) -> float:
    """The mean. Returns 0.0 without values. The sum is exact, so the order does not matter."""
    return math.fsum(values) / len(values) if values else 0.0


def _resampled(values: NDArray[Any], seed: int) -> NDArray[Any]:
    """The means [RESAMPLES, columns] of resampled questions."""
    count = values.shape[1]
    stream = np.random.PCG64(seed)
    rows = max(1, _BLOCK // count)
    parts = []
    for start in range(0, RESAMPLES, rows):
        many = min(rows, RESAMPLES - start)
        raw = stream.random_raw(many * count).reshape(many, count)
        # The upper 32 bits, scaled to the number of questions; the bias is below one in a million.
        drawn = ((raw >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32)
        parts.append(np.stack([column[drawn].mean(axis=1) for column in values], axis=1))
    return np.concatenate(parts)
