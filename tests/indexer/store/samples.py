"""Small points for the store's tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.store import Filter, Leg, Match, Point, Scored, SparseVector, Store

DIM = 8
SCORE = 5e-4
"""How far scores may be apart: dense vectors are kept as float16 by some backends."""


def uid(number: int) -> str:
    """A stable id; a larger number sorts later."""
    return str(uuid.UUID(int=number))


def dense(*values: float) -> NDArray[np.float32]:
    """A dense vector that begins with `values`."""
    return np.array([*values, *[0.0] * (DIM - len(values))], dtype=np.float32)


def sparse(weights: dict[int, float] | Sequence[int]) -> SparseVector:
    """A sparse vector from {index: weight}, or from indices that all weigh 1."""
    if not isinstance(weights, dict):
        weights = dict.fromkeys(weights, 1.0)
    indices = sorted(weights)
    return SparseVector(
        np.array(indices, dtype=np.uint32), np.array([weights[i] for i in indices], dtype=np.float32)
    )


def point(number: int, lexical: dict[int, float] | Sequence[int] = (), **payload: Any) -> Point:
    """A point with a payload, and a lexical vector where one is given."""
    vectors = {"lexical": sparse(lexical)} if lexical else {}
    return Point(uid(number), {"repo": "r", "path": f"src/{number}.py", **payload}, sparse=vectors)


def numbers(found: Iterable[Scored]) -> list[int]:
    """The numbers of the points found, in order."""
    return [uuid.UUID(scored.id).int for scored in found]


def only(field: str, *values: str | int | bool) -> Filter:
    return Filter(must=(Match(field, values),))


def without(field: str, *values: str | int | bool) -> Filter:
    return Filter(must_not=(Match(field, values),))


def ask(
    store: Store, vector: NDArray[np.float32] | SparseVector, using: str = "lexical", **rest: Any
) -> list[Scored]:
    """The answer to one leg."""
    return store.query([Leg(vector, using, rest.pop("limit", 10), **rest)])[0]
