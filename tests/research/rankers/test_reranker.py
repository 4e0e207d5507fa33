"""Training a reranker: what is learned, the same again, and judged on repositories that were not seen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import UsageError
from research.rankers import ranker_folder, reranker
from research.rankers.reranker import Group, TreeParams, cross_validate, partition, train
from retrieval.ranking import tree_ensemble

lightgbm = pytest.importorskip("lightgbm")
pytest.importorskip("scipy")

NAMES = ["noise", "signal", "constant"]
SMALL = TreeParams(trees=30, smallest=2, l2=1.0, features=1.0)


def group(seed: int, repo: str = "") -> Group:
    """Ten candidates; the one with the strongest signal is right."""
    rows = np.random.default_rng(seed).normal(size=(10, 3)).astype(np.float32)
    rows[:, 2] = 1
    found = (rows[:, 1] == rows[:, 1].max())[:, None]
    return Group(repo or f"repo{seed % 4}", "kind", rows, found, np.zeros(10))


GROUPS = [group(seed) for seed in range(40)]


def test_what_matters_is_found() -> None:
    """A model puts the right one first in questions that it has not seen."""
    model = train(GROUPS, NAMES, SMALL)
    assert model.importance["signal"] > 0.8
    assert sum(model.importance.values()) == pytest.approx(1, abs=1e-5)
    unseen = [group(seed) for seed in range(100, 120)]
    assert np.mean([one.value(model.trees.predict(one.features)) for one in unseen]) > 0.9


def test_the_arrays_answer_as_the_library_does() -> None:
    """Trees and linear model apart, on rows of 32 bits."""
    rows = np.concatenate([one.features for one in GROUPS])
    labels = np.concatenate([one.found[:, 0] for one in GROUPS]).astype(int)
    data = lightgbm.Dataset(rows, labels, group=[10] * len(GROUPS))
    booster = lightgbm.train(SMALL.as_library(), data, SMALL.trees)
    model = train(GROUPS, NAMES, SMALL)
    straight = rows.astype(np.float64) @ model.trees.linear.slope
    assert model.trees.predict(rows) - straight == pytest.approx(booster.predict(rows), abs=1e-6)


def test_the_same_again() -> None:
    """The same groups and seed give the same bytes."""
    one, other = (train(GROUPS, NAMES, SMALL) for _ in range(2))
    assert ranker_folder.arrays(one) == ranker_folder.arrays(other)
    assert ranker_folder.arrays(train(GROUPS, NAMES, TreeParams(trees=30, seed=1))) != ranker_folder.arrays(
        one
    )


def test_cross_validation_has_not_seen_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every group is judged once a repeat, by a model of other repositories."""
    trained: list[set[str]] = []
    real = reranker.train

    def watched(groups: list[Group], names: list[str], params: TreeParams) -> reranker.Model:
        trained.append({one.repo for one in groups})
        return real(groups, names, params)

    monkeypatch.setattr(reranker, "train", watched)
    values = cross_validate(GROUPS, NAMES, SMALL, folds=4, repeats=1)
    assert len(values) == len(GROUPS)
    assert np.mean(values) > 0.9
    assert sorted(len(repos) for repos in trained) == [3, 3, 3, 3]
    assert set.intersection(*trained) == set()


def test_partition() -> None:
    """Each repository is in one part; the seed alone decides which."""
    repos = [f"r{n}" for n in range(10)]
    parts = partition(repos * 2, 4, 0)
    assert sorted(name for part in parts for name in part) == sorted(repos)
    assert parts == partition(repos[::-1], 4, 0) != partition(repos, 4, 1)
    assert len(partition(repos[:3], 8, 0)) == 3
    with pytest.raises(UsageError, match="two repositories"):
        partition(["one"], 8, 0)


def test_value_by_hand() -> None:
    """A target gains where it is found first; one that is no candidate is lost; ties fall by place."""
    found = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0]], bool)
    one = Group("r", "k", np.zeros((3, 1), np.float32), found, np.zeros(3))
    ideal = 1 + 1 / np.log2(3) + 1 / 2
    assert one.value(np.array([0.0, 3.0, 2.0])) == pytest.approx((1 + 1 / np.log2(3)) / ideal)
    assert one.value(np.zeros(3)) == pytest.approx((1 / np.log2(3) + 1 / 2) / ideal)


def test_nothing_to_learn() -> None:
    """Questions without a right candidate are said, not learned from."""
    none = Group("r", "k", np.zeros((3, 3), np.float32), np.zeros((3, 1), bool), np.zeros(3))
    with pytest.raises(UsageError, match="no question has a target"):
        train([none], NAMES, SMALL)


def test_a_folder_of_its_own(tmp_path: Path) -> None:
    """What is written can be loaded and read; what is something else is left alone."""
    model = train(GROUPS, NAMES, SMALL)
    about = {
        "ranks": "all",
        "sources": ["a set"],
        "questions": 40,
        "repositories": 4,
        "measured": {"all questions": "0.9"},
    }
    folder = tmp_path / "search-v9"
    for _ in range(2):
        ranker_folder.write(folder, "search", model, about)
    loaded = tree_ensemble.load(folder, NAMES)
    assert (loaded.predict(GROUPS[0].features) == model.trees.predict(GROUPS[0].features)).all()
    assert json.loads((folder / "model.json").read_text())["name"] == "search-v9"
    assert "| signal |" in (folder / "card.md").read_text()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds something"):
        ranker_folder.write(tmp_path, "search", model, about)
