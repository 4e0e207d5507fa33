"""Intervals: known ones, paired ones, and the same ones everywhere."""

from __future__ import annotations

import random

import pytest

from research.benchmarks.bootstrap import difference, estimate, estimates, mean

EXPECTED = (0.5, 0.318182, 0.681818)
"""Mean, low and high of 0.0, 0.1, ..., 1.0 with seed 7."""


def test_one_value_has_no_spread() -> None:
    """All resamples are the same."""
    one = estimate([0.25] * 40)
    assert (one.mean, one.low, one.high) == (0.25, 0.25, 0.25)


def test_the_interval_of_a_coin() -> None:
    """Half of 400 are ones: the standard error is 0.025, the interval about +-1.96 of it."""
    one = estimate([0.0, 1.0] * 200, seed=3)
    assert one.mean == 0.5
    assert one.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.004)
    assert one.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.004)


def test_the_interval_covers_as_often_as_it_says() -> None:
    """Of 200 samples of a population about 95 % have its mean within."""
    draw = random.Random(1)
    covered = 0
    for seed in range(200):
        one = estimate([draw.random() for _ in range(60)], seed)
        covered += one.low <= 0.5 <= one.high
    assert 180 <= covered <= 199


def test_paired_differences_are_narrower() -> None:
    """Questions differ much, the two runs little and always alike."""
    theirs = [random.Random(n).random() for n in range(100)]
    ours = [value + 0.01 for value in theirs]
    one = difference(ours, theirs)
    assert (one.low, one.mean, one.high) == (0.01, 0.01, 0.01)
    assert estimate(ours).low < estimate(theirs).mean  # apart they overlap


def test_the_seed_decides() -> None:
    """The same seed gives the same interval, another one another."""
    values = [random.Random(n).random() for n in range(50)]
    assert estimate(values, 1) == estimate(values, 1)
    assert estimate(values, 1) != estimate(values, 2)


def test_an_interval_is_the_same_on_every_machine() -> None:
    """Written down once; a library that changed its random numbers would show."""
    one = estimate([n / 10 for n in range(11)], seed=7)
    assert (one.mean, one.low, one.high) == EXPECTED


def test_columns_share_their_resamples() -> None:
    """A column's interval does not depend on the columns beside it."""
    a, b = [0.0, 1.0, 1.0, 0.5], [1.0, 0.0, 0.0, 0.25]
    assert estimates({"a": a, "b": b}, 5)["b"] == estimate(b, 5)
    assert estimates({}, 5) == {}


def test_a_mean_does_not_depend_on_the_order() -> None:
    """Summed exactly."""
    values = [0.1] * 10 + [1e-17, 1e9, -1e9]
    assert mean(values) == mean(values[::-1])
    assert mean([]) == 0.0
