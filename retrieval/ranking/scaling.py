"""Functions on columns of scores: scaling, ranks, and values of groups.

A column has one value per candidate. A group is what several candidates have in common, such as their file.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]


def filled(values: Sequence[float | None]) -> Vector:
    """The values as an array. The lowest value replaces each None; 0 if there is no value."""
    lowest = min((value for value in values if value is not None), default=0.0)
    return np.array([lowest if value is None else value for value in values], np.float64)


def minmax(values: NDArray[Any], constant: float = 1.0) -> NDArray[Any]:
    """The values scaled to [0, 1]. If all values are equal, all scaled values are `constant`.

    NaN stands for a missing value, and stays NaN.
    """
    low, high = np.fmin.reduce(values, initial=np.inf), np.fmax.reduce(values, initial=-np.inf)
    if not high > low:
        return np.where(np.isnan(values), values, np.full_like(values, constant))
    scaled: NDArray[Any] = (values - low) / (high - low)
    return scaled


def weighted_mean(columns: Mapping[str, Vector], weights: Mapping[str, float]) -> Vector:
    """The mean of the legs' columns [n], weighted by the weights of the legs.

    `weights` contains at least one leg. Columns of other legs do not count.
    """
    total = sum(weights.values())
    shares = [weight / total * columns[leg] for leg, weight in weights.items()]
    return np.asarray(np.sum(shares, axis=0), np.float64)


def relative_to_max(values: Vector) -> Vector:
    """The values divided by the highest value; zeros if no value is positive."""
    top = float(values.max(initial=0.0))
    return values / top if top > 0 else np.zeros(len(values))


def behind_max(values: Vector) -> Vector:
    """The values minus the highest value."""
    return np.asarray(values - values.max(initial=-np.inf), np.float64)


def z_scores(values: Vector) -> Vector:
    """The difference of each value from the mean, in standard deviations; zeros if all values are equal."""
    spread = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def reciprocal_ranks(values: NDArray[Any], digits: int | None = None, *, positive: bool = False) -> Vector:
    """1 / rank of each value. The highest value has rank 1. Equal values share the best of their ranks.

    With `digits`, values that are equal when rounded count as equal. With `positive`, the result is 0 for
    values that are not positive.
    """
    rounded = values if digits is None else np.round(values, digits)
    ranks = 1.0 / (1 + np.searchsorted(np.sort(-rounded), -rounded, "left"))
    return np.where(rounded > 0, ranks, 0.0) if positive else ranks


def weighted_sum(values: NDArray[Any], weights: Vector, axis: int) -> Vector:
    """The sums along an axis of a matrix, with one weight for each item of the axis."""
    # Use no matrix product, because the last bits of a product depend on the number of threads.
    return np.asarray(np.einsum("ij,j->i" if axis else "ij,i->j", values, weights), np.float64)


def group_best(groups: Ints, values: Vector) -> Vector:
    """For each value, the highest value in its group."""
    numbers, inverse = np.unique(groups, return_inverse=True)
    best = np.full(len(numbers), -np.inf)
    np.maximum.at(best, inverse, values)
    return best[inverse]


def group_mean(groups: Ints, values: Vector) -> Vector:
    """For each value, the mean of its group."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return (np.bincount(inverse, values) / counts)[inverse]


def group_ranks(groups: Ints, values: Vector, digits: int) -> Vector:
    """1 / rank of each value within its group. Values that are equal when rounded share their best rank."""
    if not len(values):
        return np.zeros(0)
    order = np.lexsort((-values, groups))
    group, value = groups[order], np.round(values[order], digits)
    place = np.arange(len(order))
    begins = np.append(True, group[1:] != group[:-1])
    differs = begins | np.append(True, value[1:] != value[:-1])
    first, tied = (np.maximum.accumulate(np.where(mark, place, 0)) for mark in (begins, differs))
    found = np.empty(len(order))
    found[order] = 1.0 / (1.0 + tied - first)
    return found


def others_best(groups: Sequence[Hashable], values: Vector) -> Vector:
    """For each value, the highest other value in its group; 0 if the group has no other value."""
    best: dict[Hashable, list[float]] = {}
    for group, value in zip(groups, values.tolist(), strict=True):
        best.setdefault(group, []).append(value)
    top = {group: [*sorted(found, reverse=True)[:2], 0.0, 0.0][:2] for group, found in best.items()}
    pairs = zip(groups, values.tolist(), strict=True)
    return np.array([top[group][1] if value >= top[group][0] else top[group][0] for group, value in pairs])


def max_by_owner(owners: Ints, values: Vector, size: int) -> Vector:
    """For each row of `values` and each owner, the maximum of the owner's values in the row [rows, size].

    `owners` names the owner of each column of `values`, and is sorted. Owners without values get 0.
    """
    found = np.zeros((len(values), size))
    own, starts = np.unique(owners, return_index=True)
    if len(own):
        found[:, own] = np.maximum.reduceat(values, starts, axis=1)
    return found


def mean_by_owner(owners: Ints, values: Vector, size: int) -> Vector:
    """The mean of each owner's values [size]. Owners without values get 0."""
    return np.bincount(owners, values, size) / np.maximum(1, np.bincount(owners, minlength=size))
