"""Trees as arrays: by hand, against LightGBM, and from damaged files."""

from __future__ import annotations

import io
import json
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.errors import ModelError
from retrieval.continuation import ranker as continuation
from retrieval.localization import locator
from retrieval.ranking import tree_ensemble
from retrieval.ranking.stages import Stage
from retrieval.ranking.tree_ensemble import Forest, Linear, TreeEnsemble, load
from retrieval.search import ranker
from retrieval.search.file_features import FEATURES

from .. import forests


def rows(*values: tuple[float, ...]) -> Any:
    return np.array(values, np.float32)


def test_a_stump() -> None:
    """At most the threshold is left; the linear model is added."""
    model = TreeEnsemble(forests.stump(1, 0.5, -1.0, 2.0), forests.straight([10, 0], [0, 0]), ["a", "b"])
    assert model.predict(rows((0, 0.5), (0, 0.6), (1, 0.4))).tolist() == [-1, 2, 9]


def test_deeper_trees_by_hand() -> None:
    """Three leaves: a <= 0 ? (b <= 0 ? 1 : 2) : 3, with the nodes in any order, and one that is not there."""
    tree = Forest(
        np.array([[1], [0], [0]], np.uint8),
        np.array([[0], [0], [np.inf]], np.float32),
        np.array([[0b001], [0b011], [255]], np.uint8),
        np.array([[0b010], [0b100], [0]], np.uint8),
        np.array([[1, 2, 3, 0]], np.float32),
        np.array([[1, 1, 2, 0]], np.float32),
    )
    model = TreeEnsemble(tree, forests.flat(2), ["a", "b"])
    asked = rows((-1, -1), (-1, 1), (1, -1), (1, 1))
    assert model.predict(asked).tolist() == [1, 2, 3, 3]
    base, added = model.contributions(asked)
    assert base == pytest.approx(2.25)  # the mean over training rows
    assert added.tolist() == [[-0.75, -0.5], [-0.75, 0.5], [0.75, 0], [0.75, 0]]


def test_contributions_sum_to_the_score() -> None:
    """Of the bundled model, for any rows."""
    model = ranker.FILE_STAGE.model
    asked = np.random.default_rng(0).normal(size=(20, len(FEATURES))).astype(np.float32)
    base, added = model.contributions(asked)
    assert base + added.sum(axis=1) == pytest.approx(model.predict(asked))
    assert model.predict(asked[:0]).shape == (0,)


def test_the_bundled_model_is_fast() -> None:
    """A hundred files in a millisecond or so; the limit is for slow and busy machines."""
    model = ranker.FILE_STAGE.model
    asked = np.random.default_rng(0).normal(size=(100, len(FEATURES))).astype(np.float32)
    times = []
    for _ in range(20):
        started = time.process_time()
        model.predict(asked)
        times.append(time.process_time() - started)
    assert min(times) < 0.02


def arrays(forest: Forest, linear: Linear) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **{f.name: getattr(p, f.name) for p in (forest, linear) for f in fields(p)})
    return stream.getvalue()


CONTENT = arrays(forests.stump(1, 0.5, -1.0, 2.0), forests.flat(2))


def test_load(tmp_path: Path) -> None:
    """What was written comes back."""
    model = load(forests.write(tmp_path / "m", CONTENT, ["a", "b"]), ["a", "b"])
    assert model.predict(rows((0, 1))).tolist() == [2]


BAD = forests.stump(1, 0.5, -1.0, 2.0)


@pytest.mark.parametrize(
    ("content", "changes", "said"),
    [
        (CONTENT, {"format": 2}, "format is 2"),
        (CONTENT, {"checksums": {tree_ensemble.ARRAYS: "0"}}, "checksum differs"),
        (CONTENT, {"features": ["a", "c"]}, "other features"),
        (b"junk", {}, "not a usable"),
        (arrays(BAD, forests.flat(3)), {}, "linear model"),
        (arrays(replace(BAD, feature=np.array([[2]], np.uint8)), forests.flat(2)), {}, "feature 2 of 2"),
        (arrays(replace(BAD, left=np.zeros((2, 1), np.uint8)), forests.flat(2)), {}, "differ in shape"),
        (
            arrays(replace(BAD, value=np.array([[np.nan, 0]], np.float32)), forests.flat(2)),
            {},
            "no usable number",
        ),
        (arrays(replace(BAD, weight=np.ones((1, 3), np.float32)), forests.flat(2)), {}, "do not fit"),
    ],
)
def test_damaged(tmp_path: Path, content: bytes, changes: dict[str, Any], said: str) -> None:
    """One line that names the folder and says what to do; never scores that are wrong."""
    folder = forests.write(tmp_path / "m", content, ["a", "b"], **changes)
    with pytest.raises(ModelError, match=said) as caught:
        load(folder, ["a", "b"])
    assert str(folder) in str(caught.value)
    assert "reinstall" in str(caught.value)


def test_missing(tmp_path: Path) -> None:
    """No folder is no crash."""
    with pytest.raises(ModelError, match="not a usable ranking model"):
        load(tmp_path / "none", ["a"])


STAGES: tuple[Stage[Any], ...] = (
    ranker.FRAGMENT_STAGE,
    ranker.FILE_STAGE,
    continuation.FIRST_STAGE,
    continuation.SECOND_STAGE,
    locator.STAGE,
)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.folder)
def test_the_bundled_folders(stage: Stage[Any]) -> None:
    """A model, its names and its card belong together, and the model knows the features of the code."""
    assert stage.model.names == stage.names
    folder = tree_ensemble.WEIGHTS / stage.folder
    meta = json.loads((folder / tree_ensemble.META).read_text())
    assert meta["features"] == list(stage.names)
    assert meta["importance"].keys() == set(stage.names)
    assert (folder / "card.md").read_text().startswith(f"# {stage.folder}\n")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a", "b", "new"], "not in the model: new"),
        (["a"], "only in the model: b"),
        (["a", "c"], "not in the model: c; only in the model: b"),
    ],
)
def test_other_features(tmp_path: Path, names: list[str], said: str) -> None:
    """The error names the features that differ, and the command that trains the model."""
    folder = forests.write(tmp_path / "search-first", CONTENT, ["a", "b"])
    with pytest.raises(ModelError, match="trained on other features") as caught:
        load(folder, names)
    assert f"({said})" in str(caught.value)
    assert "`cornea train reranker --task search`" in str(caught.value)


def test_features_in_another_order(tmp_path: Path) -> None:
    """The order of the features in the code may change without training."""
    tree = forests.stump(1, 0.5, -1.0, 2.0)
    linear = forests.straight([10, 0], [3, 0])
    folder = forests.write(tmp_path / "m", arrays(tree, linear), ["a", "b"])
    one, other = load(folder, ["a", "b"]), load(folder, ["b", "a"])
    asked = rows((0, 0.5), (0, 0.6), (1, 0.4))
    assert other.predict(asked[:, ::-1]).tolist() == one.predict(asked).tolist() == [-1, 2, 9]
    assert other.explain(asked[:1, ::-1], 2) == one.explain(asked[:1], 2)
