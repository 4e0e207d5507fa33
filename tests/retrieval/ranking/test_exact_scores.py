"""Lists that were cut off are completed."""

from __future__ import annotations

import pytest

from indexer.encoding import bm25
from indexer.encoding.types import Encoder
from indexer.store import DENSE, Leg, Store
from retrieval.ranking import exact_scores

LEXICAL = "lexical"


def legs(encoder: Encoder, limit: int) -> dict[str, Leg]:
    words = bm25.query(dict.fromkeys(bm25.terms("users"), 1.0))
    return {LEXICAL: Leg(words, LEXICAL, limit), DENSE: Leg(encoder.query("area of a circle"), DENSE, limit)}


def test_each_point_has_its_score_on_each_leg(library: Store, encoder: Encoder) -> None:
    """The best of one leg get the scores that a long list of the other leg has, in the order of the legs."""
    short, long = legs(encoder, 2), legs(encoder, 1000)
    lists = dict(zip(short, library.query(list(short.values())), strict=True))
    all_scores = dict(zip(long, library.query(list(long.values())), strict=True))
    scores = exact_scores.complete(library, lists, short)
    union = exact_scores.ids(scores)
    assert union == list(dict.fromkeys(s.id for leg in lists.values() for s in leg))
    for name, scored in all_scores.items():
        expected = {s.id: s.score for s in scored if s.id in union}
        assert scores[name] == pytest.approx(expected, abs=1e-4)
    found = exact_scores.fetch(library, union[:1], scores, ("path",))
    assert [(one.id, list(one.payload)) for one in found] == [(union[0], ["path"])]
    assert found[0].scores == {
        name: scored[union[0]] for name, scored in scores.items() if union[0] in scored
    }


def test_excluded_points(library: Store, encoder: Encoder) -> None:
    """They are in no list; without points, nothing is asked."""
    short = legs(encoder, 2)
    lists = dict(zip(short, library.query(list(short.values())), strict=True))
    first = lists[DENSE][0].id
    assert first not in exact_scores.ids(exact_scores.complete(library, lists, short, {first}))
    everything = {s.id for leg in lists.values() for s in leg}
    assert exact_scores.complete(library, lists, short, everything) == {LEXICAL: {}, DENSE: {}}
