"""What every store does with points: keep, replace, delete, count and hand them out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from indexer.errors import StoreError
from indexer.store import EVERYTHING, Filter, HasId, Leg, Match, Point, Store

from .samples import ask, dense, numbers, only, point, sparse, uid, without


def test_a_new_store_is_empty(store: Store) -> None:
    """Whatever is asked of a store without points, the answer is empty, not an error."""
    assert store.count() == 0
    assert store.facet("kind") == {}
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
    with pytest.raises(StoreError, match=r"'text'.*language"):
        store.facet("text")


def test_a_big_batch_is_cut_up(store: Store) -> None:
    """The caller may hand over any number of points at once."""
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((1500, 8)).astype(np.float32)
    store.upsert([Point(uid(n), {"repo": "r"}, vectors[n], {"lexical": sparse([n])}) for n in range(1500)])
    assert store.count() == 1500
    assert numbers(ask(store, sparse([1499]))) == [1499]


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
        lambda: store.facet("kind"),
        store.flush,
    ):
        with pytest.raises(StoreError, match="closed"):
            refused()
