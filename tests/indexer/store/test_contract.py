"""What every store does alike: embedded, in-process double, over HTTP, and a real server where one is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from indexer.errors import StoreError
from indexer.store import EVERYTHING, Filter, HasId, Leg, Match, Point, SparseVector, Store

from .samples import SCORE, ask, dense, numbers, only, point, sparse, uid, without


def test_a_new_store_is_empty(store: Store) -> None:
    """Whatever is asked of a store without points, the answer is empty, not an error."""
    assert store.count() == 0
    assert store.facet("repo") == {}
    assert list(store.scroll(EVERYTHING)) == []
    assert store.fetch([uid(1)]) == []
    assert store.query([Leg(dense(1), "dense", 5), Leg(sparse([1]), "lexical", 5)]) == [[], []]
    store.delete(only("repo", "r"))
    store.flush()


def test_no_points_and_no_legs_are_fine(store: Store) -> None:
    """The loops around a store need no special case for nothing to do."""
    store.upsert([])
    assert store.query([]) == []
    assert store.fetch([]) == []


def test_what_is_stored_comes_back(store: Store) -> None:
    """A payload survives with its types, in any script, and nested."""
    payload: dict[str, Any] = {
        "repo": "größe/日本語",
        "path": "src/naïve \U0001f600.py",
        "text": 'def f():\n\treturn "\\x00"\r\n',
        "flags": [True, False],
        "none": None,
        "real": 1.5,
        "deep": {"a": [1, {"b": "c"}]},
        "large": 2**53,
    }
    store.upsert([Point(uid(1), payload)])
    assert store.fetch([uid(1)])[0].payload == payload
    assert store.count(only("repo", "größe/日本語")) == 1
    assert store.facet("path") == {"src/naïve \U0001f600.py": 1}


def test_upsert_replaces_the_whole_point(store: Store) -> None:
    """Writing an id again leaves nothing of the old point behind, no field, no vector; twice is as once."""
    store.upsert([Point(uid(1), {"repo": "old", "gone": 1}, dense(1), {"lexical": sparse([1])})])
    for _ in range(2):
        store.upsert([Point(uid(1), {"repo": "new"}, None, {"lexical": sparse([2])})])
    assert store.count() == 1
    assert store.fetch([uid(1)])[0].payload == {"repo": "new"}
    assert ask(store, dense(1), "dense") == []
    assert ask(store, sparse([1])) == []
    assert numbers(ask(store, sparse([2]))) == [1]


def test_points_may_lack_vectors(store: Store) -> None:
    """A text without tokens has no vector: it can be fetched and counted, and no leg finds it."""
    store.upsert([point(1), Point(uid(2), {"repo": "r"}, dense(1)), point(3, [7]), point(4, {})])
    assert store.count() == 4
    assert numbers(ask(store, dense(1), "dense")) == [2]
    assert numbers(ask(store, sparse([7]))) == [3]
    assert ask(store, sparse([7]), "file") == []


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
    ],
)
def test_filters(store: Store, where: Filter, expected: list[int]) -> None:
    """Texts, integers and booleans are never taken for one another; of a list one element suffices."""
    store.upsert(
        [
            point(1, kind="function", is_test=False, size=1, tags=["x", "y"]),
            point(2, kind="function", is_test=True, size=2, tags=[]),
            point(3, kind="class", size="large", tags="x"),
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


def test_delete_removes_what_matches(store: Store) -> None:
    """By field, by several values, with exceptions, by id; a second time changes nothing."""
    store.upsert([point(number, [1], kind="ab"[number % 2]) for number in range(10)])
    stale = Filter((Match("kind", ("a",)),), (HasId((uid(2), uid(4))),))
    for _ in range(2):
        store.delete(stale)
    assert [record.id for record in store.scroll(EVERYTHING)] == [uid(n) for n in (1, 2, 3, 4, 5, 7, 9)]
    store.delete(Filter((HasId((uid(1), uid(77))),)))
    store.delete(only("path", "src/3.py", "src/5.py"))
    assert numbers(ask(store, sparse([1]))) == [2, 4, 7, 9]
    store.delete(without("path", "src/9.py"))
    assert store.count() == 1


@pytest.mark.parametrize("where", [EVERYTHING, without("path"), Filter(must_not=(HasId(()),))])
def test_a_delete_that_selects_nothing_is_refused(store: Store, where: Filter) -> None:
    """A filter that came out empty by mistake must not empty the store."""
    store.upsert([point(1)])
    with pytest.raises(StoreError, match="a delete needs a filter"):
        store.delete(where)
    assert store.count() == 1


def test_a_deleted_point_can_come_back(store: Store) -> None:
    """An id is free again after its point was deleted."""
    store.upsert([point(1, [1])])
    store.delete(Filter((HasId((uid(1),)),)))
    store.upsert([point(1, [2])])
    assert numbers(ask(store, sparse([2]))) == [1]


def test_fetch_keeps_the_order_and_leaves_out_the_unknown(store: Store) -> None:
    """Records come in the order of the ids, also of repeated ones."""
    store.upsert([point(number) for number in range(5)])
    found = store.fetch([uid(3), uid(99), uid(1), uid(3)])
    assert [record.id for record in found] == [uid(3), uid(1), uid(3)]


@pytest.mark.parametrize(
    "fields, expected", [(None, {"repo", "path", "a"}), (["a"], {"a"}), (["a", "none"], {"a"}), ([], set())]
)
def test_only_the_fields_asked_for(store: Store, fields: list[str] | None, expected: set[str]) -> None:
    """Reading less of the payload is up to the caller, for single points and for all."""
    store.upsert([point(1, a=1)])
    assert set(store.fetch([uid(1)], fields)[0].payload) == expected
    assert set(next(store.scroll(EVERYTHING, fields)).payload) == expected


def test_scroll_visits_every_point_once_in_the_order_of_ids(store: Store) -> None:
    """Across pages, filtered or not, whatever order the points were written in."""
    order = np.random.default_rng(1).permutation(2300).tolist()
    store.upsert([point(number, kind="ab"[number % 2]) for number in order])
    assert [record.id for record in store.scroll(EVERYTHING)] == [uid(number) for number in range(2300)]
    some = store.scroll(only("kind", "b"), ["path"])
    assert [record.id for record in some] == [uid(number) for number in range(1, 2300, 2)]


def test_facet_counts_values_exactly(store: Store) -> None:
    """Every value with its count, more than an engine shows by default, lists by element, and filtered."""
    store.upsert([point(n, kind=f"k{n % 30}", language=["py", "js"][: 1 + n % 2]) for n in range(60)])
    assert store.facet("kind") == {f"k{n}": 2 for n in range(30)}
    assert store.facet("language") == {"py": 60, "js": 30}
    assert store.facet("kind", only("path", "src/7.py", "src/37.py", "src/8.py")) == {"k7": 2, "k8": 1}
    store.delete(only("kind", "k7"))
    assert "k7" not in store.facet("kind")


def test_values_of_a_field_without_index_cannot_be_counted(store: Store) -> None:
    """The same clear refusal everywhere, naming the fields that can."""
    with pytest.raises(StoreError, match=r"'text'.*repo"):
        store.facet("text")


def test_a_big_batch_is_cut_up(store: Store) -> None:
    """The caller may hand over any number of points at once."""
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((1500, 8)).astype(np.float32)
    store.upsert([Point(uid(n), {"repo": "r"}, vectors[n], {"lexical": sparse([n])}) for n in range(1500)])
    assert store.count() == 1500
    assert numbers(ask(store, sparse([1499]))) == [1499]


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
        with pytest.raises(StoreError, match="no point id"):
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
        (Leg(sparse([1]), "lexical", 5, only("kind", 1.5)), "compares with text"),  # type: ignore[arg-type]
        (Leg(sparse([1]), "lexical", 5, corpus=only("kind", None)), "compares with text"),  # type: ignore[arg-type]
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


def test_after_close_nothing_works_and_closing_again_does(store: Store) -> None:
    """A closed store says so, whatever is asked; `close` may be called twice."""
    store.upsert([point(1)])
    store.close()
    store.close()
    for refused in (
        lambda: store.upsert([point(2)]),
        lambda: store.delete(only("repo", "r")),
        lambda: ask(store, sparse([1])),
        lambda: store.fetch([uid(1)]),
        lambda: list(store.scroll(EVERYTHING)),
        store.count,
        lambda: store.facet("repo"),
        store.flush,
    ):
        with pytest.raises(StoreError, match="closed"):
            refused()
