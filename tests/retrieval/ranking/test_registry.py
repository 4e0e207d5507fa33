"""The registry of features, and the stages that use it."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.ranking.features import FeatureRegistry, for_each, named
from retrieval.ranking.scaling import Vector, filled, minmax, reciprocal_ranks
from retrieval.ranking.stages import scores_below, with_costly

Values = list[float]


def double(values: Values) -> Values:
    return [2 * value for value in values]


def plus(number: str, values: Values) -> Vector:
    return np.array(values) + float(number)


def inverse(values: Values) -> Vector:
    with np.errstate(divide="ignore"):
        return 1.0 / np.array(values)


GROUPS = {
    "costly": named(inverse),
    "cheap": {**named(double), **for_each({"1": "one", "2": "two"}, named(plus))},
}


def test_columns_have_the_order_of_the_groups() -> None:
    """One column per feature; what is not finite becomes 0."""
    registry: FeatureRegistry[Values] = FeatureRegistry(GROUPS)
    assert registry.names == ("inverse", "double", "one_plus", "two_plus")
    assert registry.cheap == registry.names
    assert registry.matrix([0.0, 4.0]).tolist() == [[0, 0, 1, 2], [0.25, 8, 5, 6]]
    assert registry.matrix([4.0], ("two_plus",)).dtype == np.float32


def test_costly_features_come_last() -> None:
    """They are computed only for the best candidates."""
    registry: FeatureRegistry[Values] = FeatureRegistry(GROUPS, costly=("costly",))
    assert registry.names == (*registry.cheap, "inverse")
    cheap = registry.matrix([1.0, 4.0], registry.cheap)
    assert (with_costly(registry, cheap[1:], [4.0]) == registry.matrix([4.0])).all()


def test_names_with_groups() -> None:
    """Two groups may then use the same name, otherwise not."""
    groups = {"a": named(double), "b": named(double)}
    registry: FeatureRegistry[Values] = FeatureRegistry(groups, qualified=True)
    assert list(registry.groups["b"]) == ["b.double"]
    with pytest.raises(ValueError, match="same name"):
        FeatureRegistry(groups)


def test_the_rest_comes_below_the_best() -> None:
    """In the order that the candidates had before."""
    below = scores_below(3.0, np.array([0.5, 0.1]), 0.5, slope=10.0, gap=1.0)
    assert below.tolist() == pytest.approx([2.0, -2.0])


def test_missing_values() -> None:
    """The lowest value replaces them, or they stay missing."""
    assert filled([None, 3.0, 2.0]).tolist() == [2.0, 3.0, 2.0]
    assert filled([None]).tolist() == [0.0]
    assert minmax(np.array([1.0, np.nan, 3.0])).tolist() == pytest.approx([0.0, np.nan, 1.0], nan_ok=True)
    assert minmax(np.array([5.0, np.nan]), 0.0).tolist() == pytest.approx([0.0, np.nan], nan_ok=True)
    assert minmax(np.zeros(0, np.float32)).dtype == np.float32


def test_ranks_of_rounded_values() -> None:
    """Values that differ by noise are equal; values that are not positive get 0 on demand."""
    values = np.array([0.3000001, 0.3, 0.0])
    assert reciprocal_ranks(values).tolist() == pytest.approx([1, 1 / 2, 1 / 3])
    assert reciprocal_ranks(values, 6, positive=True).tolist() == [1, 1, 0]
