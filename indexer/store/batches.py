"""Splits points into requests that a server accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..errors import StoreError
from .types import Point

UPSERT_POINTS = 128
UPSERT_BYTES = 8 * 1024 * 1024
"""Largest number of points, and of estimated bytes, of a request. The server refuses more than 32 MB."""

FLOAT_BYTES = 12
"""Estimated bytes of a float32 as JSON text."""


def batches(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points in batches of at most UPSERT_POINTS and about UPSERT_BYTES."""
    batch: list[Point] = []
    size = 0
    for point in points:
        weight = _weight(point)
        if batch and (len(batch) == UPSERT_POINTS or size + weight > UPSERT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(point)
        size += weight
    if batch:
        yield batch


def _weight(point: Point) -> int:
    """The estimated size of a point in bytes of JSON. Raises StoreError if JSON cannot hold its payload."""
    numbers = sum(2 * len(vector) for vector in point.sparse.values())
    numbers += 0 if point.dense is None else 2 * len(point.dense)
    try:
        text = json.dumps(dict(point.payload), ensure_ascii=False, allow_nan=False)
        return numbers * FLOAT_BYTES + len(text.encode())
    except (TypeError, ValueError) as error:
        raise StoreError(f"point {point.id}: its payload cannot be stored as JSON ({error})") from error
