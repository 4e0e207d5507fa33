"""How every store answers legs: scores, ties, filters and the corpus of a leg."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from indexer.store import EVERYTHING, Filter, HasId, HasPrefix, Leg, Match, Point, Store

from .samples import SCORE, ask, dense, numbers, only, point, sparse, uid, without


def test_a_dense_leg_ranks_by_cosine(store: Store) -> None:
    """Length does not matter, direction does."""
    store.upsert(
        [Point(uid(1), {}, dense(0, 5)), Point(uid(2), {}, dense(3, 4)), Point(uid(3), {}, dense(9))]
    )
    found = ask(store, dense(0, 0.5), "dense")
    assert numbers(found) == [1, 2, 3]
    assert [scored.score for scored in found] == pytest.approx([1.0, 0.8, 0.0], abs=SCORE)


def test_a_sparse_leg_sums_weights_times_idf(store: Store) -> None:
    """The score is the sum over shared terms of query weight, document weight and the engine's IDF."""
    store.upsert([point(1, {1: 2.0, 2: 1.0}), point(2, {1: 1.0}), point(3, {3: 1.0})])
    found = ask(store, sparse({1: 1.0, 2: 0.5}))
    assert numbers(found) == [1, 2]
    assert [scored.score for scored in found] == pytest.approx(
        [2.0 * idf(2, 3) + 0.5 * idf(1, 3), idf(2, 3)], abs=1e-4
    )


def idf(frequency: int, points: int) -> float:
    """The engine's formula."""
    return math.log((points - frequency + 0.5) / (frequency + 0.5) + 1)


def test_ties_are_ordered_by_id(store: Store) -> None:
    """Points that score the same come in the order of their ids, whatever order they were written in."""
    store.upsert([point(number, [5]) for number in (3, 1, 2)])
    assert numbers(ask(store, sparse([5]))) == [1, 2, 3]


def test_a_leg_returns_at_most_its_limit(store: Store) -> None:
    """The best `limit` points, no more."""
    store.upsert([point(number, {5: float(number)}) for number in range(1, 30)])
    assert numbers(ask(store, sparse([5]), limit=3)) == [29, 28, 27]
    assert len(ask(store, sparse([5]), limit=100)) == 29


def test_legs_are_answered_in_their_order(store: Store) -> None:
    """Each leg has its own vector, filter and limit; empty ones in between do not shift the others."""
    store.upsert(
        [Point(uid(n), {"kind": "ab"[n % 2]}, dense(n, 1), {"lexical": sparse([n])}) for n in (1, 2, 3)]
    )
    answers = store.query(
        [
            Leg(sparse([]), "lexical", 5),
            Leg(sparse([2]), "lexical", 5),
            Leg(dense(), "dense", 5),
            Leg(dense(1), "dense", 1, only("kind", "b")),
            Leg(sparse([9]), "lexical", 5),
        ]
    )
    assert [numbers(answer) for answer in answers] == [[], [2], [], [3], []]


@pytest.mark.parametrize(
    "vector, using", [(sparse([]), "lexical"), (sparse({3: 0.0}), "file"), (dense(), "dense")]
)
def test_an_empty_query_vector_asks_for_nothing(store: Store, vector: Any, using: str) -> None:
    """A query without known terms has no answer; it is no error and not every point with score 0."""
    store.upsert([Point(uid(1), {}, dense(1), {"lexical": sparse([3]), "file": sparse([3])})])
    assert ask(store, vector, using) == []


def test_filters_hold_on_every_kind_of_leg(store: Store) -> None:
    """`must` and `must_not` decide who may answer, for dense and sparse alike."""
    store.upsert(
        [
            Point(uid(n), {"repo": "ab"[n % 2], "n": n}, dense(1, n), {"lexical": sparse([1])})
            for n in range(1, 7)
        ]
    )
    where = Filter((Match("repo", ("b",)),), (Match("n", (3,)),))
    assert numbers(ask(store, dense(1), "dense", where=where)) == [1, 5]
    assert numbers(ask(store, sparse([1]), where=where)) == [1, 5]


@pytest.mark.parametrize(
    "where, expected",
    [
        (only("kind", "function"), [1, 2]),
        (only("kind", "function", "class"), [1, 2, 3]),
        (only("kind"), []),
        (without("kind"), [1, 2, 3, 4]),
        (without("kind", "function"), [3, 4]),
        (only("missing", "x"), []),
        (without("missing", "x"), [1, 2, 3, 4]),
        (only("is_test", True), [2]),
        (only("is_test", False), [1]),
        (only("is_test", True, False), [1, 2]),
        (only("is_test", 1), []),
        (only("size", 1), [1]),
        (only("size", True), []),
        (only("size", 1, 2, "large"), [1, 2, 3]),
        (only("size", "1"), []),
        (only("tags", "x"), [1, 3]),
        (only("tags", "y", "z"), [1, 4]),
        (without("tags", "x"), [2, 4]),
        (only("deep.key", "v"), [4]),
        (Filter((HasId((uid(1), uid(4), uid(99))),)), [1, 4]),
        (Filter((HasId(()),)), []),
        (Filter(must_not=(HasId((uid(1), uid(4))),)), [2, 3]),
        (Filter((Match("kind", ("function",)), HasId((uid(2), uid(3))))), [2]),
        (only("kind", "function") & without("is_test", True), [1]),
        (EVERYTHING, [1, 2, 3, 4]),
        (Filter((HasPrefix("kind", "func"),)), [1, 2]),
        (Filter((HasPrefix("kind", "function"),)), [1, 2]),
        (Filter((HasPrefix("kind", "Func"),)), []),
        (Filter((HasPrefix("kind", "unction"),)), []),
        (Filter((HasPrefix("size", "1"),)), []),
        (Filter(must_not=(HasPrefix("path", "src/2"),)), [1, 3, 4]),
        (Filter((HasPrefix("path", "src/"), Match("kind", ("block",)))), [4]),
        (Filter((HasPrefix("odd", "größe [é"),)), [3]),
    ],
)
def test_filters(store: Store, where: Filter, expected: list[int]) -> None:
    """Texts, integers and booleans are never taken for one another; of a list one element suffices."""
    store.upsert(
        [
            point(1, kind="function", is_test=False, size=1, tags=["x", "y"]),
            point(2, kind="function", is_test=True, size=2, tags=[]),
            point(3, kind="class", size="large", tags="x", odd="größe [é]/日本.py"),
            point(4, kind="block", deep={"key": "v"}, tags=["z"]),
        ]
    )
    assert [record.id for record in store.scroll(where)] == [uid(number) for number in expected]
    assert store.count(where) == len(expected)


def test_a_filter_may_name_thousands_of_paths(store: Store) -> None:
    """Restricting a search to a long list of files works."""
    store.upsert([point(number, [1]) for number in range(20)])
    paths = tuple(f"src/{number}.py" for number in range(10, 5000))
    assert numbers(ask(store, sparse([1]), where=only("path", *paths), limit=50)) == list(range(10, 20))


def test_the_corpus_decides_the_weights_of_terms(store: Store) -> None:
    """Document frequencies are counted among the corpus's points, not among the points that may answer."""
    store.upsert([point(n, [1], kind="function") for n in (1, 2)])
    store.upsert([point(n, [1, 2], kind="block") for n in (3, 4, 5)])
    found = ask(store, sparse([1]), corpus=only("kind", "function"), where=only("kind", "block"), limit=1)
    assert found[0].score == pytest.approx(idf(2, 2), abs=1e-4)
    wide = ask(store, sparse([2]), corpus=only("kind", "block", "function"), limit=1)
    assert wide[0].score == pytest.approx(idf(3, 5), abs=1e-4)


@pytest.mark.parametrize("corpus", [EVERYTHING, only("repo", "r"), without("kind", "none")])
def test_a_corpus_counts_only_what_is_there(store: Store, corpus: Filter) -> None:
    """Deleted and replaced points do not weigh on the scores of those that remain."""
    store.upsert([point(number, [1, 2]) for number in range(1, 9)])
    store.upsert([point(number, [2]) for number in range(3, 6)])
    store.delete(only("path", "src/6.py", "src/7.py", "src/8.py"))
    found = ask(store, sparse([1]), corpus=corpus)
    assert [scored.score for scored in found] == pytest.approx([idf(2, 5)] * 2, abs=1e-4)


def test_vector_names_have_statistics_of_their_own(store: Store) -> None:
    """Whole files beside fragments do not change what a fragment's terms weigh."""
    store.upsert([point(1, [1]), point(2, [2])])
    before = ask(store, sparse([1]))
    store.upsert([Point(uid(n), {}, None, {"file": sparse([1])}) for n in range(10, 30)])
    assert ask(store, sparse([1])) == before
    assert len(ask(store, sparse([1]), "file", limit=50)) == 20


def test_known_candidates_can_be_scored_on_any_leg(store: Store) -> None:
    """A filter by ids scores points that a truncated list left out, with the very scores of the full list."""
    rng = np.random.default_rng(5)
    vectors = rng.standard_normal((60, 8)).astype(np.float32)
    terms = [
        {int(i): float(w) for i, w in zip(rng.choice(30, 6, False), rng.random(6), strict=True)}
        for _ in vectors
    ]
    store.upsert([Point(uid(n), {"repo": "r"}, vectors[n], {"lexical": sparse(terms[n])}) for n in range(60)])
    chosen = Filter((HasId(tuple(uid(n) for n in range(0, 60, 7))),))
    for vector, using in ((vectors[3], "dense"), (sparse([1, 2, 3, 4, 5]), "lexical")):
        full = {scored.id: scored.score for scored in ask(store, vector, using, limit=60)}
        for scored in ask(store, vector, using, where=chosen, limit=60):
            assert scored.score == pytest.approx(full[scored.id], abs=1e-5)
