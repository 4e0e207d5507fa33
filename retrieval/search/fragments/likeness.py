"""Words of a fragment that mean much the same as those of the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ..evidence import ranks
from .evidence import BODY, HEAD, LIKE, NAME, Fragments, Vector


def near(field: str, f: Fragments) -> Vector:
    """How close the closest word of the field is to each of the question's; rare ones count more."""
    return _weighed(f.near[field], f.asked_mass)


def near_rank(field: str, f: Fragments) -> Vector:
    """1 / rank by that."""
    return ranks(np.round(near(field, f), 3))


def near_worst(field: str, f: Fragments) -> Vector:
    """The same of the word that is farthest."""
    return f.near[field].min(axis=0) if len(f.asked) else np.zeros(len(f))


def near_missed(field: str, f: Fragments) -> Vector:
    """The share of the question to which no word of the field is close."""
    return _weighed((f.near[field] < LIKE).astype(np.float64), f.asked_mass)


def name_answered(f: Fragments) -> Vector:
    """How close the words of the qualified name are to any of the question's, on average."""
    return f.answered


def _weighed(values: Vector, weights: Vector) -> Vector:
    total: Vector = np.einsum("qn,q->n", values, weights)
    return total


FEATURES: Mapping[str, Callable[[Fragments], Vector]] = {
    **{
        f"{field}_{one.__name__}": partial(one, field)
        for field in (BODY, NAME, HEAD)
        for one in (near, near_rank, near_worst, near_missed)
    },
    "name_answered": name_answered,
}
