"""Metrics on rankings whose values are computed by hand."""

from __future__ import annotations

import math
import random

import pytest

from research.benchmarks.bootstrap import mean
from research.benchmarks.metrics import MEASURES, evaluate
from research.datasets.targets import (
    Target,
    TargetLocation,
    all_gold,
    any_gold,
    ndcg,
    recall,
    reciprocal_rank,
)


def test_a_perfect_ranking_scores_one() -> None:
    """Whatever the number of relevant documents, as long as they fit."""
    relevant = {"q1": {"a": 1}, "q2": {"b": 2, "c": 1}}
    scores = evaluate(relevant, {"q1": ["a", "z"], "q2": ["b", "c", "z"]})
    assert scores.keys() == MEASURES.keys()
    assert all(scores[metric][0] == 1.0 for metric in MEASURES)
    assert scores["nDCG@10"] == [1.0, 1.0]
    assert scores["recall@50"] == [1.0, 1.0]


def test_a_shuffled_ranking_scores_near_chance() -> None:
    """One relevant among 100: hit@1 is 1 % and hit@10 is 10 %, MRR@10 is H(10)/100."""
    draw = random.Random(0)
    ids = [f"d{n:03d}" for n in range(100)]
    relevant = {f"q{n}": {draw.choice(ids): 1} for n in range(2000)}
    scores = evaluate(relevant, {id: draw.sample(ids, 100) for id in relevant})
    assert mean(scores["hit@1"]) == pytest.approx(0.01, abs=0.007)
    assert mean(scores["hit@10"]) == pytest.approx(0.10, abs=0.02)
    assert mean(scores["MRR@10"]) == pytest.approx(sum(1 / k for k in range(1, 11)) / 100, abs=0.01)
    assert mean(scores["recall@50"]) == pytest.approx(0.5, abs=0.04)
    assert scores["recall@100"] == [1.0] * 2000


def test_values_by_hand() -> None:
    """Gains 2 and 1 at ranks 3 and 2; linear gains, log2 discount."""
    scores = evaluate({"q": {"a": 2, "b": 1}}, {"q": ["x", "b", "a", "y"]})
    gained = 1 / math.log2(3) + 2 / math.log2(4)
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert scores["nDCG@10"] == [pytest.approx(gained / ideal)]
    assert scores["nDCG@1"] == [0.0]
    assert scores["hit@1"] == [0.0]
    assert scores["hit@10"] == [1.0]
    assert scores["MRR@10"] == [0.5]
    assert scores["recall@50"] == [1.0]


def test_cut_offs() -> None:
    """What is relevant at rank 11 counts for recall@50 and for nothing at 10."""
    ranking = [f"x{n}" for n in range(10)] + ["a"]
    scores = evaluate({"q": {"a": 1, "b": 1}}, {"q": ranking})
    assert [scores[m][0] for m in ("nDCG@10", "hit@10", "MRR@10", "recall@50")] == [0.0, 0.0, 0.0, 0.5]


def test_the_order_of_a_ranking_is_kept() -> None:
    """A library that sorted ties by id would turn this around."""
    for ranking, first in ((["b", "a"], 0.0), (["a", "b"], 1.0)):
        assert evaluate({"q": {"a": 1}}, {"q": ranking})["hit@1"] == [first]


def test_a_question_without_answers_scores_zero() -> None:
    """It is not left out of the mean."""
    scores = evaluate({"q1": {"a": 1}, "q2": {"b": 1}}, {"q1": ["a"]})
    assert scores["nDCG@10"] == [1.0, 0.0]
    assert scores["MRR@10"] == [1.0, 0.0]


def test_a_document_twice_in_a_ranking_is_a_mistake() -> None:
    """It would count twice."""
    with pytest.raises(ValueError, match="twice"):
        evaluate({"q": {"a": 1}}, {"q": ["a", "a"]})


def test_targets_by_path_and_lines() -> None:
    """A path matches whole parts from the end; lines overlap, where a target has any."""
    whole, some = Target("src/a.py"), Target("src/a.py", 10, 20)
    assert whole.found_in(TargetLocation("src/a.py", 1, 5))
    assert whole.found_in(TargetLocation("a.py", 1, 5))
    assert whole.found_in(TargetLocation("lib/src/a.py", 1, 5))
    assert not whole.found_in(TargetLocation("src/aa.py", 1, 5))
    assert not Target("a.py").found_in(TargetLocation("ba.py", 1, 5))
    assert some.found_in(TargetLocation("a.py", 20, 30))
    assert some.found_in(TargetLocation("a.py", 1, 10))
    assert not some.found_in(TargetLocation("a.py", 21, 30))
    assert not some.found_in(TargetLocation("a.py", 1, 9))


def test_ndcg_of_targets_by_hand() -> None:
    """Found at ranks 1 and 3 of three; the third target is missing."""
    ranking = [TargetLocation("a.py", 1, 5), TargetLocation("x.py", 1, 5), TargetLocation("b.py", 1, 5)]
    targets = [Target("b.py"), Target("a.py"), Target("c.py")]
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(ranking, targets) == pytest.approx((1 + 0.5) / ideal)
    assert ndcg(ranking, [Target("a.py")]) == 1.0
    assert ndcg(ranking, [Target("b.py")], k=2) == 0.0
    assert ndcg([], targets) == 0.0


def test_all_gold_and_any_gold() -> None:
    """Acc@k wants all of the gold, hit@k some."""
    ranking, gold = ["f", "a", "g", "b"], {"a", "b"}
    assert [all_gold(ranking, gold, k) for k in (1, 2, 3, 4)] == [0, 0, 0, 1]
    assert [any_gold(ranking, gold, k) for k in (1, 2, 3, 4)] == [0, 1, 1, 1]
    assert [recall(ranking, gold, k) for k in (1, 2, 3, 4)] == [0, 0.5, 0.5, 1]
    assert reciprocal_rank(ranking, gold) == 0.5
    assert reciprocal_rank(ranking, gold, k=1) == 0.0
    assert all_gold(ranking, set(), 4) == 0.0
