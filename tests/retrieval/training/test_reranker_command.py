"""`cornea train reranker` as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval import trees
from retrieval.search.features import FEATURES

from ...e2e.cli import Cli
from ..evaluation import sets

pytest.importorskip("lightgbm")
pytest.importorskip("scipy")

QUICK = ("--folds", "2", "--repeats", "1")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command in an empty folder, with a data set of two repositories and a tree with questions."""
    (tmp_path / "work").mkdir()
    documents = [
        {**row, "metadata": {"repo": f"owner/{'ab'[n % 2]}"}} for n, row in enumerate(sets.DOCUMENTS)
    ]
    sets.write(tmp_path / "work" / "set", documents)
    questions = tmp_path / "work" / "questions"
    (questions / "annotations").mkdir(parents=True)
    (questions / "repos.json").write_text(json.dumps([{"name": "lib", "language": "python"}]))
    asked = {"query": "retry delay", "category": "semantic", "relevant": ["retry.py"], "secondary": []}
    (questions / "annotations" / "lib.json").write_text(json.dumps([asked]))
    tree = tmp_path / "work" / "trees" / "lib"
    tree.mkdir(parents=True)
    (tree / "retry.py").write_text("def retry_delay(attempt):\n    return 100 << attempt\n")
    (tree / "other.py").write_text("def delay():\n    return 1\n")
    return Cli(tmp_path / "home", tmp_path / "work")


def test_a_model_of_all_sources(cli: Cli) -> None:
    """Trees and a data set together: a report, and a folder that the runtime can load."""
    sources = ("--questions", "questions", "--trees", "trees", "--data", "set", "--source", "made by hand")
    done = cli("train", "reranker", *sources, *QUICK, "--out", "search-v9", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["questions"] == 4
    assert report["repositories"] == ["lib", "owner/a", "owner/b"]
    assert report["scores"].keys() == {"before", "learned"}
    assert len(trees.load(cli.folder / "search-v9", list(FEATURES)).names) == len(FEATURES)
    card = (cli.folder / "search-v9" / "card.md").read_text()
    assert "- made by hand" in card
    assert "| plain functions |" in card
    done = cli("train", "reranker", *sources, *QUICK)
    assert "cross-validated by repository" in done.out
    assert "Features that count most" in done.out


def test_wrong_use(cli: Cli) -> None:
    """One line each, before anything is indexed."""
    (cli.folder / "held-out.txt").write_text("somebody/a\n")
    (cli.folder / "full").mkdir()
    (cli.folder / "full" / "notes").write_text("mine")
    wrong = [
        (("--questions", "questions"), "nothing to learn from"),
        ((), "nothing to learn from"),
        (("--data", "none"), "no folder"),
        (("--data", "set", "--exclude-file", "held-out.txt"), "owner/a is held out"),
        (("--data", "set", "--out", "full"), "holds something"),
        (("--questions", "questions", "--trees", "trees"), "two repositories"),
    ]
    for args, said in wrong:
        done = cli("train", "reranker", *args, *QUICK)
        assert done.code == 2, args
        assert said in done.err
        assert "Traceback" not in done.err
