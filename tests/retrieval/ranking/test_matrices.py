"""The features of all three tasks have the values that the weights were trained on."""

from __future__ import annotations

from pathlib import Path

from indexer.encoding.types import Encoder

from .matrices import HOME, as_text, differences, from_text, matrices


def test_values_of_all_features(tmp_path: Path, encoder: Encoder) -> None:
    """No feature changed. After an intended change: `python -m tests.retrieval.ranking.matrices`."""
    for task, found in matrices(tmp_path, encoder).items():
        expected = from_text((HOME / f"{task}.txt").read_text(encoding="utf-8"))
        assert differences(expected, found) == [], task


def test_a_difference_names_the_feature() -> None:
    """A changed value, a new feature, and a question that is missing."""
    one = {"q": {"a": [1.0, 2.0], "b": [0.0, 0.25]}}
    assert differences(one, from_text(as_text(one))) == []
    found = differences(one, {"q": {"a": [1.0, 2.1], "b": [0.0, 0.25], "c": [1.0, 1.0]}, "r": {}})
    assert [line.split(" of ")[0] for line in found] == ["a", "c", "question r"]
