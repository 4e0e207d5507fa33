"""Tables of features, and the functions of columns that the features of search and of locate share.

A feature is a function of the evidence that returns a column: a value for each candidate. The weights of a
model store the names of its features.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Column = NDArray[Any] | Sequence[float]
E = TypeVar("E")
Features = Mapping[str, Callable[[E], Column]]
"""Features of the evidence E by name, in the order of the columns."""


def named(*features: Callable[[E], Column]) -> Features[E]:
    """The features by the names of their functions."""
    return {one.__name__: one for one in features}


def for_each(values: Iterable[str], *features: Callable[[str, E], Column]) -> Features[E]:
    """Each feature with each value of its first parameter, by a name such as "title_gap"."""
    return {f"{value}_{one.__name__}": partial(one, value) for value in values for one in features}


def matrix(features: Features[E], evidence: E) -> NDArray[np.float32]:
    """The columns of all features [candidates, features]."""
    columns = [feature(evidence) for feature in features.values()]
    return np.ascontiguousarray(np.stack(columns, axis=1), np.float32)


def relative_to_max(values: Vector) -> Vector:
    """The values divided by the highest one, or zeros if none is positive."""
    top = float(values.max(initial=0.0))
    return values / top if top > 0 else np.zeros(len(values))


def others_best(groups: Sequence[Hashable], values: Vector) -> Vector:
    """For each value, the best of the others in its group, or 0 if there are none."""
    best: dict[Hashable, list[float]] = {}
    for group, value in zip(groups, values.tolist(), strict=True):
        best.setdefault(group, []).append(value)
    top = {group: [*sorted(found, reverse=True)[:2], 0.0, 0.0][:2] for group, found in best.items()}
    pairs = zip(groups, values.tolist(), strict=True)
    return np.array([top[group][1] if value >= top[group][0] else top[group][0] for group, value in pairs])


def max_by_owner(owners: NDArray[np.int64], values: Vector, size: int) -> Vector:
    """The maximum of each row of values for each of the sorted owners, 0 for others [rows, size]."""
    found = np.zeros((len(values), size))
    own, starts = np.unique(owners, return_index=True)
    if len(own):
        found[:, own] = np.maximum.reduceat(values, starts, axis=1)
    return found


def mean_by_owner(owners: NDArray[np.int64], values: Vector, size: int) -> Vector:
    """The mean of the values of each owner, 0 for those without values [size]."""
    return np.bincount(owners, values, size) / np.maximum(1, np.bincount(owners, minlength=size))
