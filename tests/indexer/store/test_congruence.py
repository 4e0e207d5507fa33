"""The same points and questions, the embedded engine and the client's in-process double: the same answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from indexer.store import (
    EVERYTHING,
    Filter,
    HasId,
    HasPrefix,
    Leg,
    Match,
    Point,
    Scored,
    SparseVector,
    Store,
    StoreConfig,
)
from indexer.store.storage import open_store

from .samples import DIM, SCORE, uid

KINDS = ("function", "method", "class", "block")
POINTS = 300


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Two stores with the same history of writes, replacements and deletions."""
    folder = tmp_path_factory.mktemp("pair")
    embedded = open_store(StoreConfig(folder / "shard", DIM, reserve_bytes=0))
    double = open_store(StoreConfig(folder, DIM, url=":memory:"))
    for store in (embedded, double):
        rng = np.random.default_rng(11)
        store.upsert([_point(rng, number) for number in range(POINTS)])
        store.upsert([_point(rng, number) for number in range(0, POINTS, 5)])
        store.delete(Filter((Match("path", ("src/3.py", "src/4.py")),)))
    yield embedded, double
    embedded.close()
    double.close()


def _point(rng: np.random.Generator, number: int) -> Point:
    """Random vectors, each of them missing now and then, and a payload to filter by."""
    vector = rng.standard_normal(DIM).astype(np.float32) if rng.random() < 0.9 else None
    vectors = {name: _terms(rng, 12) for name in ("lexical", "file") if rng.random() < 0.8}
    payload = {
        "repo": f"r{rng.integers(2)}",
        "kind": KINDS[rng.integers(4)],
        "path": f"src/{number % 20}.py",
        "is_test": bool(rng.integers(2)),
    }
    return Point(uid(number), payload, vector, vectors)


def _terms(rng: np.random.Generator, most: int) -> SparseVector:
    """Terms with a skewed distribution, over the whole range of uint32."""
    terms = np.unique(rng.zipf(1.3, rng.integers(1, most)) % 40 * 104_729_000).astype(np.uint32)
    return SparseVector(terms, (rng.random(len(terms)) * 3).astype(np.float32))


def _filter(rng: np.random.Generator) -> Filter:
    conditions = [
        Match("repo", (f"r{rng.integers(2)}",)),
        Match("kind", tuple(KINDS[: rng.integers(1, 4)])),
        Match("is_test", (bool(rng.integers(2)),)),
        Match("path", tuple(f"src/{n}.py" for n in rng.integers(0, 20, 8).tolist())),
        HasPrefix("path", f"src/{rng.integers(1, 4)}"),
        HasId(tuple(uid(n) for n in rng.choice(POINTS, 120, False).tolist())),
    ]
    chosen = [condition for condition in conditions if rng.random() < 0.3]
    cut = rng.integers(len(chosen) + 1)
    return Filter(tuple(chosen[:cut]), tuple(chosen[cut:]))


def _leg(rng: np.random.Generator) -> Leg:
    using = ("dense", "lexical", "file")[rng.integers(3)]
    limit = int(rng.integers(1, 80))
    if using == "dense":
        return Leg(rng.standard_normal(DIM).astype(np.float32), using, limit, _filter(rng))
    return Leg(_terms(rng, 15), using, limit, _filter(rng), corpus=_filter(rng))


@pytest.mark.parametrize("seed", range(60))
def test_legs_are_answered_alike(pair: tuple[Store, Store], seed: int) -> None:
    """Equal scores, place by place, and the same points but for ties at the end of a truncated list."""
    rng = np.random.default_rng(1000 + seed)
    legs = [_leg(rng) for _ in range(4)]
    for ours, theirs in zip(*(store.query(legs) for store in pair), strict=True):
        assert [scored.score for scored in ours] == pytest.approx(
            [scored.score for scored in theirs], abs=SCORE
        )
        assert _clear(ours) <= {scored.id for scored in theirs}
        assert _clear(theirs) <= {scored.id for scored in ours}


def _clear(found: list[Scored]) -> set[str]:
    """The ids that score clearly more than the last: these are in the list for certain."""
    return {scored.id for scored in found if scored.score > found[-1].score + 2 * SCORE}


@pytest.mark.parametrize("seed", range(20))
def test_filters_select_alike(pair: tuple[Store, Store], seed: int) -> None:
    """Counts, facets and scrolls agree for any filter."""
    where = _filter(np.random.default_rng(seed))
    embedded, double = pair
    assert list(embedded.scroll(where)) == list(double.scroll(where))
    assert embedded.count(where) == double.count(where)
    assert embedded.facet("path", where) == double.facet("path", where)


def test_everything_is_there_alike(pair: tuple[Store, Store]) -> None:
    """After the same writes both hold the same points."""
    embedded, double = pair
    ids = [record.id for record in embedded.scroll(EVERYTHING, [])]
    assert 200 < len(ids) < POINTS
    assert embedded.fetch(ids[::-1]) == double.fetch(ids[::-1])
