"""Tables of features, and functions on arrays of values that the features of search and of locate share.

A feature is a function that returns a column: one value for each candidate. The argument of the function is
the evidence, which has the candidates. A model's weights contain the names of the model's features.
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
"""The features of the evidence E, by name. Their order is the order of the columns."""


def named(*features: Callable[[E], Column]) -> Features[E]:
    """A table of these features. Each feature has the name of its function."""
    return {one.__name__: one for one in features}


def for_each(values: Iterable[str], *features: Callable[[str, E], Column]) -> Features[E]:
    """A table with each feature for each value of its first parameter, under a name such as "title_gap"."""
    return {f"{value}_{one.__name__}": partial(one, value) for value in values for one in features}


def matrix(features: Features[E], evidence: E) -> NDArray[np.float32]:
    """The columns of all features [candidates, features]."""
    columns = [feature(evidence) for feature in features.values()]
    return np.ascontiguousarray(np.stack(columns, axis=1), np.float32)


def relative_to_max(values: Vector) -> Vector:
    """The values divided by the highest value; zeros if no value is positive."""
    top = float(values.max(initial=0.0))
    return values / top if top > 0 else np.zeros(len(values))


def others_best(groups: Sequence[Hashable], values: Vector) -> Vector:
    """For each value, the highest other value in its group; 0 if the group has no other value."""
    best: dict[Hashable, list[float]] = {}
    for group, value in zip(groups, values.tolist(), strict=True):
        best.setdefault(group, []).append(value)
    top = {group: [*sorted(found, reverse=True)[:2], 0.0, 0.0][:2] for group, found in best.items()}
    pairs = zip(groups, values.tolist(), strict=True)
    return np.array([top[group][1] if value >= top[group][0] else top[group][0] for group, value in pairs])


def max_by_owner(owners: NDArray[np.int64], values: Vector, size: int) -> Vector:
    """For each row of `values` and each owner, the maximum of the owner's values in the row [rows, size].

    `owners` names the owner of each column of `values`, and is sorted. Owners without values get 0.
    """
    found = np.zeros((len(values), size))
    own, starts = np.unique(owners, return_index=True)
    if len(own):
        found[:, own] = np.maximum.reduceat(values, starts, axis=1)
    return found


def mean_by_owner(owners: NDArray[np.int64], values: Vector, size: int) -> Vector:
    """The mean of each owner's values [size]. Owners without values get 0."""
    return np.bincount(owners, values, size) / np.maximum(1, np.bincount(owners, minlength=size))
