"""Points cut into requests that a server accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..errors import StoreError
from .types import Point

UPSERT_POINTS = 128
UPSERT_BYTES = 8 * 1024 * 1024
"""Estimated size of a request; the server refuses more than 32 MB."""

FLOAT_BYTES = 12
"""A float32 as JSON text, about."""


def batches(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Cut into requests of bounded length and estimated size."""
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
    """About how many bytes of JSON a point is; raises StoreError when its payload cannot be JSON."""
    numbers = sum(2 * len(vector) for vector in point.sparse.values())
    numbers += 0 if point.dense is None else 2 * len(point.dense)
    try:
        text = json.dumps(dict(point.payload), ensure_ascii=False, allow_nan=False)
        return numbers * FLOAT_BYTES + len(text.encode())
    except (TypeError, ValueError) as error:
        raise StoreError(f"point {point.id}: its payload cannot be stored as JSON ({error})") from error
