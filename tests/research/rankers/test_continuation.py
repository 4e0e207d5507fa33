"""The reranker of continue: its questions, its two stages, its folders."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.encoding import load
from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from research.datasets.dataset import Dataset, DatasetDocument, DatasetQuestion
from research.rankers import continuation
from retrieval.continuation.features import FEATURES
from retrieval.continuation.ranker import FIRST_STAGE, SECOND_STAGE
from retrieval.ranking import tree_ensemble

pytest.importorskip("lightgbm")

RESTS = tuple(f"return a{n} + b{n}\n}}" for n in range(12))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The bundled model."""
    return load()


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Twelve functions in two."""
    documents = tuple(DatasetDocument(f"d{n}", f"add{n}", text, "go") for n, text in enumerate(RESTS))
    questions = tuple(
        DatasetQuestion(f"q{n}", f"func add{n}(a{n} int, b{n} int) int {{", "go") for n in range(len(RESTS))
    )
    return Dataset("sums", documents, questions, {f"q{n}": {f"d{n}": 1} for n in range(len(RESTS))})


def test_a_data_sets_questions_become_groups(data: Dataset, encoder: Encoder) -> None:
    """Each with its one answer among the candidates."""
    groups = list(continuation.of_dataset(data, encoder))
    assert len(groups) == len(RESTS)
    for group in groups:
        assert group.features.shape == (len(group.found), len(FEATURES))
        assert group.found.sum() == 1
        assert (group.repo, group.kind) == ("sums", continuation.PREFIX)


def test_both_stages_are_learned_written_and_read(data: Dataset, encoder: Encoder, tmp_path: Path) -> None:
    """And the card names where they come from."""
    groups = list(continuation.of_dataset(data, encoder))
    models = continuation.fit(groups, replace(continuation.PARAMS, trees=5, smallest=1))
    continuation.write(tmp_path, models, groups, ["example/sums"])
    for stage in (FIRST_STAGE, SECOND_STAGE):
        assert tree_ensemble.load(tmp_path / stage.folder, stage.names).names == stage.names
        assert "example/sums" in (tmp_path / stage.folder / "card.md").read_text()
        assert json.loads((tmp_path / stage.folder / "model.json").read_bytes())["task"] == "continue"


def test_nearly_the_same_line() -> None:
    """White space and a name do not matter, another statement does."""
    assert continuation.nearly("x = load(a)\ny", "x=load(a)")
    assert continuation.nearly("raise KeyError(number)", "raise KeyError(numbers)")
    assert not continuation.nearly("return None", "raise KeyError(number)")
    assert not continuation.nearly("", "")


def test_what_is_held_out_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    """A clone named in the file."""
    git = tmp_path / "flask" / ".git"
    (git / "objects").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs").mkdir()
    held = tmp_path / "held.txt"
    held.write_text("pallets/flask\n")
    with pytest.raises(UsageError, match="held out"):
        continuation.collect(
            continuation.ContinuationSources(repos=(tmp_path / "flask",), exclude=held), encoder
        )
