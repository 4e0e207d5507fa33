"""Checks all input before it reaches an engine, because a malformed vector can make a shard unreadable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from ..errors import StoreError
from . import (
    DENSE,
    INDEXED_FIELDS,
    SPARSE,
    Filter,
    HasId,
    HasPrefix,
    Leg,
    Point,
    SparseVector,
)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def check_ids(ids: Iterable[str]) -> None:
    """Refuse ids that are not UUIDs in lower case with dashes, because ids are compared as strings."""
    for id in ids:
        if not isinstance(id, str) or _UUID.fullmatch(id) is None:
            raise StoreError(f"{id!r} is not a point id: ids are UUIDs in lower case with dashes")


def check_points(points: Sequence[Point], dim: int) -> None:
    """Refuse malformed vectors, ids that are not UUIDs, and duplicate ids."""
    check_ids(point.id for point in points)
    if len({point.id for point in points}) != len(points):
        raise StoreError("one batch holds the same point id twice: leave one of the two out")
    if _all_well_formed(points, dim):
        return
    for point in points:
        try:
            if point.dense is not None:
                check_dense(point.dense, dim)
            for name, vector in point.sparse.items():
                check_name(name, SPARSE)
                check_sparse(vector)
        except StoreError as error:
            raise StoreError(f"point {point.id}: {error}") from None


def _all_well_formed(points: Sequence[Point], dim: int) -> bool:
    """Whether all vectors are well-formed. Checking all vectors at once is fast.

    Returns True only if each vector would pass `check_dense` or `check_sparse`, which report what is wrong.
    """
    dense = [point.dense for point in points if point.dense is not None]
    names = {name for point in points for name in point.sparse}
    sparse = [vector for point in points for vector in point.sparse.values()]
    if not names.issubset(SPARSE) or not all(type(vector) is SparseVector for vector in sparse):
        return False
    indices, values = [vector.indices for vector in sparse], [vector.values for vector in sparse]
    for arrays, dtype in ((dense, np.float32), (indices, np.uint32), (values, np.float32)):
        if not all(type(array) is np.ndarray and array.dtype == dtype for array in arrays):
            return False
    lengths = [array.shape for array in indices]
    if not all(row.shape == (dim,) for row in dense) or not all(len(shape) == 1 for shape in lengths):
        return False
    if lengths != [array.shape for array in values]:
        return False
    if dense and not np.isfinite(np.concatenate(dense)).all():
        return False
    if not sparse:
        return True
    terms = np.concatenate(indices)
    rising = terms[1:] > terms[:-1]
    ends = np.cumsum([len(array) for array in indices])
    rising[ends[(ends > 0) & (ends < len(terms))] - 1] = True  # the order restarts with each vector
    return bool(rising.all() and np.isfinite(np.concatenate(values)).all())


def check_dense(vector: object, dim: int) -> None:
    """Refuse anything but a finite float32 array of `dim` numbers."""
    if not isinstance(vector, np.ndarray) or vector.dtype != np.float32:
        raise StoreError("a dense vector is a numpy array of float32")
    if vector.shape != (dim,):
        raise StoreError(f"the dense vector has shape {vector.shape}, this store's have ({dim},)")
    if not np.isfinite(vector).all():
        raise StoreError("the dense vector holds NaN or infinity")


def check_sparse(vector: object) -> None:
    """Refuse a vector without sorted, unique uint32 indices and as many finite float32 values."""
    if not isinstance(vector, SparseVector):
        raise StoreError("a sparse vector is a SparseVector")
    indices, values = vector.indices, vector.values
    if not isinstance(indices, np.ndarray) or indices.dtype != np.uint32 or indices.ndim != 1:
        raise StoreError("the indices of a sparse vector are a one-dimensional array of uint32")
    if not isinstance(values, np.ndarray) or values.dtype != np.float32 or values.ndim != 1:
        raise StoreError("the values of a sparse vector are a one-dimensional array of float32")
    if len(indices) != len(values):
        raise StoreError(f"the sparse vector has {len(indices)} indices and {len(values)} values")
    if len(indices) > 1 and not (indices[1:] > indices[:-1]).all():
        raise StoreError("the indices of a sparse vector are sorted and unique")
    if not np.isfinite(values).all():
        raise StoreError("the sparse vector holds NaN or infinity")


def check_name(name: str, known: Sequence[str]) -> None:
    """Refuse a vector name that is not in the schema."""
    if name not in known:
        raise StoreError(f"there is no vector named {name!r}; this schema has {', '.join(known)}")


def check_filter(where: Filter) -> None:
    """Refuse ids that are not UUIDs, empty prefixes, and values other than strings, integers and booleans."""
    for condition in (*where.must, *where.must_not):
        if isinstance(condition, HasId):
            check_ids(condition.ids)
        elif isinstance(condition, HasPrefix):
            if type(condition.prefix) is not str or not condition.prefix:
                raise StoreError(f"a prefix of {condition.field} must be a non-empty string")
        elif not all(type(value) in (str, int, bool) for value in condition.values):
            raise StoreError(
                f"a filter on {condition.field} compares with strings, integers and booleans only"
            )


def check_delete(where: Filter) -> None:
    """Refuse a filter without conditions, which would delete every point."""
    check_filter(where)
    excludes = any(
        isinstance(one, HasPrefix) or (one.ids if isinstance(one, HasId) else one.values)
        for one in where.must_not
    )
    if not where.must and not excludes:
        raise StoreError("a delete needs a filter; to start over, remove the index's folder or collection")


def check_leg(leg: Leg, dim: int) -> None:
    """Refuse a leg with an invalid vector, name, limit or filter."""
    check_name(leg.using, (DENSE, *SPARSE))
    if leg.using == DENSE:
        check_dense(leg.vector, dim)
    else:
        check_sparse(leg.vector)
    if leg.limit < 1:
        raise StoreError(f"a leg's limit must be at least 1, not {leg.limit}")
    check_filter(leg.where)
    if leg.corpus is not None:
        check_filter(leg.corpus)


def is_empty_query(leg: Leg) -> bool:
    """Whether the leg's vector is empty or all zeros. Every store returns an empty list for such a leg."""
    values = leg.vector.values if isinstance(leg.vector, SparseVector) else leg.vector
    return not values.any()


def check_facet(field: str) -> None:
    """Refuse a field without an index: one engine would fail, and the other would read every point."""
    if field not in INDEXED_FIELDS:
        raise StoreError(f"values of {field!r} cannot be counted; indexed are {', '.join(INDEXED_FIELDS)}")
