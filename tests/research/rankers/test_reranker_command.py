"""`cornea train reranker` as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from research.mining import pairs, tasks
from research.mining.pairs import Mined
from retrieval.ranking import tree_ensemble
from retrieval.search.file_features import FEATURES
from retrieval.search.fragment_features import FEATURES as OF_FRAGMENTS

from ...e2e.cli import Cli
from ..benchmarks import sets

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


def test_beside_what_others_published(cli: Cli) -> None:
    """Where the questions come with other tools' figures, the cross-validated ones stand beside them."""
    published = {"grep": {"lib": 0.25, "elsewhere": 0.5}, "other": {"elsewhere": 1.0}}
    (cli.folder / "questions" / "published.json").write_text(json.dumps(published))
    done = cli("train", "reranker", "--questions", "questions", "--trees", "trees", "--data", "set", *QUICK,
               "--markdown")  # fmt: skip
    (row,) = (line for line in done.out.splitlines() if line.startswith("| grep |"))
    _, tool, repositories, theirs, mine, gain, _ = (cell.strip() for cell in row.split("|"))
    assert (tool, repositories, theirs) == ("grep", "1", "0.250")
    assert gain.startswith(f"{float(mine) - 0.25:.3f} [")


def test_a_model_of_all_sources(cli: Cli) -> None:
    """Trees and a data set together: a report, and a folder that the runtime can load."""
    sources = ("--questions", "questions", "--trees", "trees", "--data", "set", "--source", "made by hand")
    done = cli("train", "reranker", *sources, *QUICK, "--out", "search-v9", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["task"] == "search"
    assert report["questions"] == 4
    assert report["repositories"] == ["lib", "owner/a", "owner/b"]
    assert report["scores"].keys() == {"before", "learned"}
    assert len(tree_ensemble.load(cli.folder / "search-v9" / "search", list(FEATURES)).names) == len(FEATURES)
    card = (cli.folder / "search-v9" / "search" / "card.md").read_text()
    assert "- made by hand" in card
    assert "| plain functions |" in card
    done = cli("train", "reranker", *sources, *QUICK)
    assert "cross-validated by repository" in done.out
    assert "Features that count most" in done.out


def test_both_stages(cli: Cli) -> None:
    """Mined functions teach the first stage, whose scores the second one sees."""
    for owner in "abc":
        mine(cli.folder / "mined" / "work" / f"{owner}+lib", owner)
    mine(cli.folder / "mined" / "work" / "d+held", "d")
    (cli.folder / "held-out.txt").write_text("d/held\n")
    sources = ("--pairs", "mined", "--questions", "questions", "--trees", "trees", "--data", "set")
    refused = ("--exclude-file", "held-out.txt")
    done = cli("train", "reranker", *sources, *refused, *QUICK, "--out", "new", "--json")
    assert done.code == 2
    assert "no mined functions" in done.err
    (cli.folder / "questions" / "repos.json").write_text(json.dumps([{"name": "tree", "language": "python"}]))
    (cli.folder / "questions" / "annotations" / "lib.json").rename(
        cli.folder / "questions" / "annotations" / "tree.json"
    )
    (cli.folder / "trees" / "lib").rename(cli.folder / "trees" / "tree")
    done = cli("train", "reranker", *sources, *refused, *QUICK, "--out", "new", "--json")
    assert done.code == 0, done.err
    first = json.loads(done.out)["stages"]["search-first"]
    assert first["repositories"] == ["a/lib", "b/lib", "c/lib"]
    assert tree_ensemble.load(cli.folder / "new" / "search-first", list(OF_FRAGMENTS))
    assert tree_ensemble.load(cli.folder / "new" / "search", list(FEATURES))
    assert "| docstring |" in (cli.folder / "new" / "search-first" / "card.md").read_text()


def mine(folder: Path, seed: str) -> None:
    """What `cornea train mine` leaves of a repository with fifty functions."""
    folder.mkdir(parents=True)
    things = ("table", "socket", "date", "colour", "window", "cache", "user", "queue", "token", "image")
    verbs = ("read", "write", "parse", "close", "count")
    rows = [
        Mined(
            f"src/{thing}.py", "python", f"{verb}_{thing}",
            f"def {verb}_{thing}(value):\n    return {thing}_{seed}.{verb}(value)\n", 0,
            f"{verb.title()} the {thing} that is given.",
        )
        for thing in things
        for verb in verbs
    ]  # fmt: skip
    pairs.write(folder / tasks.FUNCTIONS, rows)
    (folder / tasks.ABOUT).write_text("{}")


def test_wrong_use(cli: Cli) -> None:
    """One line each, before anything is indexed."""
    (cli.folder / "held-out.txt").write_text("somebody/a\n")
    (cli.folder / "full" / "search").mkdir(parents=True)
    (cli.folder / "full" / "search" / "notes").write_text("mine")
    wrong = [
        (("--questions", "questions"), "no training data"),
        ((), "no training data"),
        (("--data", "none"), "not a folder"),
        (("--pairs", "none"), "run: cornea train mine"),
        (("--data", "set", "--exclude-file", "held-out.txt"), "owner/a is held out"),
        (("--data", "set", "--out", "full"), "holds something"),
        (("--questions", "questions", "--trees", "trees"), "two repositories"),
    ]
    for args, said in wrong:
        done = cli("train", "reranker", *args, *QUICK)
        assert done.code == 2, args
        assert said in done.err
        assert "Traceback" not in done.err
