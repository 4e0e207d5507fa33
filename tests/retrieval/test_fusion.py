"""From scores on several legs to one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.candidates import fuse
from retrieval.result import Candidate

from .samples import candidate

WEIGHTS = {"lexical": 0.6, "dense": 0.4}
SCORES = st.dictionaries(
    st.sampled_from(["lexical", "dense"]), st.floats(-1e6, 1e6, allow_subnormal=False), max_size=2
)


def fused(*scores: dict[str, float], weights: dict[str, float] | None = None) -> list[float]:
    candidates = [candidate(scores=s, fused=99.0) for s in scores]
    fuse(candidates, weights or WEIGHTS)
    return [c.fused for c in candidates]


def test_by_hand() -> None:
    """Each leg from 0 (its worst) to 1 (its best), then the weighted mean."""
    assert fused(
        {"lexical": 10.0, "dense": 0.2}, {"lexical": 30.0, "dense": 0.1}, {"lexical": 15.0, "dense": 0.5}
    ) == pytest.approx([0.4 * 0.25, 0.6, 0.6 * 0.25 + 0.4])


def test_weights_need_not_sum_to_one() -> None:
    """Only their relation counts."""
    scores = {"lexical": 1.0, "dense": 3.0}, {"lexical": 2.0, "dense": 0.0}
    assert fused(*scores, weights={"lexical": 6, "dense": 4}) == pytest.approx(fused(*scores))


def test_a_missing_score_is_the_worst() -> None:
    """A fragment without a vector on a leg gets nothing for it."""
    assert fused({"lexical": 3.0}, {"lexical": 1.0, "dense": 0.9}, {"dense": 0.1}) == pytest.approx(
        [0.6, 0.4, 0]
    )


def test_a_missing_score_is_worse_than_the_only_one() -> None:
    """One candidate with a vector beside one without: they are not equally good."""
    assert fused({"dense": 0.2}, {}) == pytest.approx([0.4, 0.0])
    assert fused({"dense": 0.2}, {"dense": 0.2}, {}) == pytest.approx([0.4, 0.4, 0.0])


def test_a_leg_that_nobody_is_on() -> None:
    """It gives nobody anything, and does not hide the other."""
    assert fused({"lexical": 1.0}, {"lexical": 2.0}) == pytest.approx([0, 0.6])
    assert fused({}, {}) == [0, 0]


def test_ties_and_single_candidates_are_best() -> None:
    """Where all are equal, all are the best there is; no division by zero."""
    assert fused({"lexical": 5.0, "dense": -0.5}) == pytest.approx([1])
    assert fused(*[{"lexical": 5.0, "dense": 0.0}] * 3) == pytest.approx([1, 1, 1])
    assert fused() == []


def test_legs_without_weight_do_not_count() -> None:
    """A profile names the legs it wants."""
    assert fused(
        {"lexical": 1.0, "dense": 9.0}, {"lexical": 2.0, "dense": 0.0}, weights={"lexical": 1.0}
    ) == pytest.approx([0, 1])


@given(st.lists(SCORES, max_size=8))
def test_fused_scores_keep_their_range_and_order(scores: list[dict[str, float]]) -> None:
    """In [0, 1]; who is no worse on every leg is no worse; and the order of candidates does not matter."""
    values = fused(*scores)
    assert all(-1e-9 <= value <= 1 + 1e-9 for value in values)
    for one, a in zip(scores, values, strict=True):
        for other, b in zip(scores, values, strict=True):
            if all(leg in one and one[leg] >= score for leg, score in other.items()):
                assert a >= b - 1e-9
    assert fused(*scores[::-1]) == pytest.approx(values[::-1])


def test_scores_are_not_touched() -> None:
    """`--explain` shows the legs' own scores."""
    one: Candidate = candidate(scores={"lexical": 7.0})
    fuse([one], WEIGHTS)
    assert one.scores == {"lexical": 7.0}
