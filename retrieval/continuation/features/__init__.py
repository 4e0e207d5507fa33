"""What speaks for a continuation: named pure functions of a query and its candidates, each a column.

`NAMES` are the columns in order. Those of `parsed` cost a parse each, so only the best candidates have them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import balance, layout, names, parsed, place, scores, words
from .pool import Feature, Matrix, Option, Pool

__all__ = ["CHEAP", "NAMES", "PARSED", "Matrix", "Option", "Pool", "matrix"]

_CHEAP: tuple[Feature, ...] = (
    *scores.FEATURES, *names.FEATURES, *words.FEATURES, *balance.FEATURES, *layout.FEATURES, *place.FEATURES,
)  # fmt: skip

CHEAP: tuple[str, ...] = tuple(feature.name for feature in _CHEAP)
PARSED: tuple[str, ...] = parsed.NAMES
NAMES: tuple[str, ...] = (*CHEAP, *PARSED)


def matrix(pool: Pool) -> Matrix:
    """The cheap features [n, len(CHEAP)] of all candidates of a query, finite."""
    found = np.zeros((len(pool.options), len(_CHEAP)), np.float32)
    for number, feature in enumerate(_CHEAP):
        found[:, number] = feature.values(pool)
    return np.nan_to_num(found, copy=False, posinf=0.0, neginf=0.0)


def with_parsed(cheap: Matrix, rows: Sequence[int], pool: Pool) -> NDArray[np.float32]:
    """The features [len(rows), len(NAMES)] of some candidates, those of their parsed joins included."""
    return np.hstack([cheap[list(rows)], parsed.matrix(pool, rows)])
