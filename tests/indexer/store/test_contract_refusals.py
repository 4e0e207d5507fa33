"""What every store refuses before its engine sees it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from indexer.errors import StoreError
from indexer.store import EVERYTHING, Filter, HasId, HasPrefix, Leg, Point, SparseVector, Store

from .samples import ask, dense, numbers, only, point, sparse, uid

UNSORTED = SparseVector(np.array([2, 1], np.uint32), np.ones(2, np.float32))


TWICE = SparseVector(np.array([1, 1], np.uint32), np.ones(2, np.float32))


UNEQUAL = SparseVector(np.array([1, 2], np.uint32), np.ones(1, np.float32))


SIGNED = SparseVector(np.array([-1, 2], np.int64), np.ones(2, np.float32))  # type: ignore[arg-type]


DOUBLE = SparseVector(np.array([1], np.uint32), np.ones(1, np.float64))  # type: ignore[arg-type]


MATRIX = SparseVector(np.ones((1, 1), np.uint32), np.ones((1, 1), np.float32))


NAN = SparseVector(np.array([1], np.uint32), np.array([math.nan], np.float32))


INFINITE = SparseVector(np.array([1, 2], np.uint32), np.array([math.inf, -math.inf], np.float32))


@pytest.mark.parametrize(
    "vector", [UNSORTED, TWICE, UNEQUAL, SIGNED, DOUBLE, MATRIX, NAN, INFINITE, None, [1, 2]]
)
def test_malformed_sparse_vectors_are_refused(store: Store, vector: Any) -> None:
    """In a point or a query: a StoreError that names the point, nothing written, and the store goes on."""
    with pytest.raises(StoreError, match=f"point {uid(2)}"):
        store.upsert([point(1, [1]), Point(uid(2), {}, None, {"lexical": vector})])
    with pytest.raises(StoreError, match="sparse vector"):
        ask(store, vector)
    assert store.count() == 0
    store.upsert([point(1, [1])])
    assert numbers(ask(store, sparse([1]))) == [1]


WIDE = np.ones(9, np.float32)


FLAT = np.ones((1, 8), np.float32)


@pytest.mark.parametrize(
    "vector",
    [WIDE, FLAT, np.ones(8), dense(math.nan), dense(1, math.inf), dense(math.inf, -math.inf), [1.0] * 8],
)
def test_malformed_dense_vectors_are_refused(store: Store, vector: Any) -> None:
    """A wrong dimension, type or number never reaches the engine."""
    with pytest.raises(StoreError, match=f"point {uid(2)}"):
        store.upsert([point(1, [1]), Point(uid(2), {}, vector)])
    with pytest.raises(StoreError, match="dense"):
        ask(store, vector, "dense")
    assert store.count() == 0


@pytest.mark.parametrize(
    "wrong", ["", "7", "not-a-uuid", uid(10).upper(), uid(1).replace("-", ""), 7, uid(1) + "\n"]
)
def test_ids_are_canonical_uuids(store: Store, wrong: Any) -> None:
    """Engines rewrite other spellings of an id, and then what comes back would not be found under it."""
    for refused in (
        lambda: store.upsert([Point(wrong, {})]),
        lambda: store.fetch([wrong]),
        lambda: store.count(Filter((HasId((wrong,)),))),
        lambda: store.delete(Filter((HasId((wrong,)),))),
        lambda: store.scroll(Filter(must_not=(HasId((wrong,)),))),
    ):
        with pytest.raises(StoreError, match="not a point id"):
            refused()


def test_an_id_twice_in_a_batch_is_refused(store: Store) -> None:
    """Which of the two would win differs between engines."""
    with pytest.raises(StoreError, match="twice"):
        store.upsert([point(1), point(2), point(1)])


@pytest.mark.parametrize(
    "leg, reason",
    [
        (Leg(sparse([1]), "words", 5), "no vector named 'words'"),
        (Leg(sparse([1]), "dense", 5), "a dense vector is"),
        (Leg(dense(1), "lexical", 5), "a sparse vector is"),
        (Leg(sparse([1]), "lexical", 0), "at least 1"),
        (
            Leg(sparse([1]), "lexical", 5, Filter((HasPrefix("kind", ""),))),
            "a prefix of kind must be a non-empty string",
        ),
        (Leg(sparse([1]), "lexical", 5, only("kind", 1.5)), "compares with strings"),  # type: ignore[arg-type]
        (Leg(sparse([1]), "lexical", 5, corpus=only("kind", None)), "compares with strings"),  # type: ignore[arg-type]
    ],
)
def test_legs_that_cannot_be_asked_for_are_refused(store: Store, leg: Leg, reason: str) -> None:
    """With the reason, and before any leg of the batch runs."""
    with pytest.raises(StoreError, match=reason):
        store.query([Leg(dense(1), "dense", 5), leg])


def test_unknown_vector_names_are_refused(store: Store) -> None:
    """A point with a vector that the schema lacks is a bug of the caller."""
    with pytest.raises(StoreError, match="no vector named 'words'"):
        store.upsert([Point(uid(1), {}, None, {"words": sparse([1])})])


@pytest.mark.parametrize("payload", [{"a": math.nan}, {"a": object()}, {"a": "\ud800"}])
def test_payloads_are_json(store: Store, payload: dict[str, Any]) -> None:
    """What no engine can keep is refused by all, without harm to what is there."""
    store.upsert([point(1)])
    with pytest.raises(StoreError):
        store.upsert([Point(uid(2), payload)])
    assert [record.id for record in store.scroll(EVERYTHING)] == [uid(1)]
