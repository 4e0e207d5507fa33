"""Annotated repositories through the real pipeline."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import UsageError
from research.benchmarks import peers, search
from research.benchmarks.figures import PublishedFigures
from research.benchmarks.report import as_json
from research.datasets import annotated
from tests.support.schemas import validate

from ...repositories import write

pytestmark = pytest.mark.slow

FILES = {
    "alpha/src/auth.py": "def hash_password(password):\n    return scrypt(password)\n",
    "alpha/src/retry.py": "def retry_delay(attempt):\n    return 100 << attempt\n",
    "alpha/other.py": "def other():\n    return password\n",
    "beta/mux.go": "package mux\n\nfunc Route(path string) string {\n\treturn path\n}\n",
}
REPOS = [
    {"name": "alpha", "language": "python", "benchmark_root": "src"},
    {"name": "beta", "language": "go", "benchmark_root": None},
]
QUESTIONS = {
    "alpha": [
        {"query": "hash password", "relevant": ["src/auth.py"], "secondary": [], "category": "semantic"},
        {"query": "retry_delay", "relevant": [{"path": "src/retry.py", "start_line": 1, "end_line": 2}],
         "secondary": ["src/gone.py"], "category": "symbol"},
    ],
    "beta": [{"query": "Route", "relevant": ["mux.go"], "secondary": [], "category": "symbol"}],
}  # fmt: skip
PUBLISHED = {"magic": {"alpha": 0.5, "beta": 0.8}, "halfway": {"alpha": 0.4}}


def _data(folder: Path, repos: Any = REPOS, questions: Mapping[str, Any] = QUESTIONS) -> tuple[Path, Path]:
    files = {"data/repos.json": json.dumps(repos), "data/published.json": json.dumps(PUBLISHED)}
    files |= {f"data/annotations/{name}.json": json.dumps(rows) for name, rows in questions.items()}
    write(folder, {**files, **{f"trees/{path}": text for path, text in FILES.items()}})
    return folder / "data", folder / "trees"


def test_scores_by_hand(tmp_path: Path) -> None:
    """Two questions are answered fully, one half: its second target does not exist."""
    report = search.measure(*_data(tmp_path), profiles=("bm25", "rerank"))
    data = json.loads(as_json(report))
    validate("commands/bench-search", data)
    half = 1 / (1 + 1 / math.log2(3))
    assert data["questions"] == 3
    assert data["scores"]["bm25"]["mean"] == pytest.approx((2 + half) / 3, abs=1e-6)
    assert data["by"]["category"]["rerank"] == {
        "semantic": 1.0,
        "symbol": pytest.approx((1 + half) / 2, abs=1e-6),
    }
    assert data["by"]["language"]["rerank"]["go"] == 1.0
    assert data["by"]["repo"]["bm25"]["alpha"] == pytest.approx((1 + half) / 2, abs=1e-6)
    titles = [table.title for table in report.tables]
    assert {"nDCG@10 overall", "nDCG@10 by category", "nDCG@10 by language"} <= set(titles)


def test_published_figures_are_of_the_repositories_that_ran(tmp_path: Path) -> None:
    """Weighted by questions: two of alpha, one of beta."""
    data, trees = _data(tmp_path)
    both = search.measure(data, trees, profiles=("bm25",)).figures.published
    assert both["magic"].published == pytest.approx((0.5 + 0.5 + 0.8) / 3)
    assert both["halfway"].published == pytest.approx(0.4)
    assert both["halfway"].repositories == 1
    one = search.measure(data, trees, profiles=("bm25",), only=("beta",)).figures.published
    assert one["magic"] == PublishedFigures(0.8, 1, {"bm25": 1.0})


def test_peers_answer_the_same_questions(tmp_path: Path) -> None:
    """Their fragments are ours, one a file."""
    report = search.measure(*_data(tmp_path), profiles=("bm25",), rivals=("bm25s", "bm25s-code"))
    scores = report.figures.scores
    assert scores["bm25s-code"].mean == scores["bm25"].mean
    assert 0 < scores["bm25s"].mean <= 1


def test_a_tree_that_is_not_there(tmp_path: Path) -> None:
    """It is left out and named; without any tree there is nothing to do."""
    data, trees = _data(tmp_path)
    shutil.rmtree(trees / "beta")
    report = search.measure(data, trees, profiles=("bm25",))
    assert report.figures.absent == ["beta"]
    assert "Left out, because not checked out: beta." in report.notes
    with pytest.raises(UsageError, match="beta: no such repository with a tree"):
        search.measure(data, trees, profiles=("bm25",), only=("beta",))
    with pytest.raises(UsageError, match="has none of the trees"):
        search.measure(data, tmp_path / "data", profiles=("bm25",))


def test_the_tree_is_not_written_to(tmp_path: Path) -> None:
    """The index is elsewhere and gone afterwards."""
    data, trees = _data(tmp_path)
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    search.measure(data, trees, profiles=("bm25",))
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("repos.json", None, r"repos\.json: no such file"),
        ("repos.json", "{", r"repos\.json: not JSON"),
        ("repos.json", "[]", r"repos\.json: no repositories"),
        ("repos.json", '[{"language": "go"}]', r"repos\.json: entry 1: no 'name'"),
        ("repos.json", '[{"name": "beta"}, {"name": "beta"}]', r"entry 2: 'beta' is there twice"),
        ("annotations/beta.json", None, r"beta\.json: no such file"),
        ("annotations/beta.json", '[{"query": "x"}]', r"beta\.json: question 1: KeyError"),
        ("annotations/beta.json", '[{"query": "x", "relevant": []}]', r"question 1: no targets"),
        ("annotations/beta.json", '[{"query": "x", "relevant": [5]}]', r"question 1: TypeError"),
        ("published.json", '{"a": 1}', r"published\.json: not scores"),
    ],
)
def test_bad_data(tmp_path: Path, path: str, text: str | None, message: str) -> None:
    """One line each."""
    data, trees = _data(tmp_path)
    if text is None:
        (data / path).unlink()
    else:
        (data / path).write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        annotated.load(data, trees)
        annotated.published(data)
    assert "\n" not in str(caught.value)


def test_ripgrep_counts_matches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files by matches of any word, ties by path; checked on a stand-in that prints as ripgrep does."""
    program = tmp_path / "bin" / "rg"
    write(tmp_path / "bin", {"rg": "#!/bin/sh\nprintf './b.py\\0002\\n./c.py\\0009\\n./a.py\\0002\\n'\n"})
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    assert peers.ripgrep(tmp_path, "where is it", 10) == ["c.py", "a.py", "b.py"]
    assert peers.ripgrep(tmp_path, "where is it", 1) == ["c.py"]
    assert peers.ripgrep(tmp_path, "?", 10) == []


@pytest.mark.skipif(shutil.which("rg") is None, reason="ripgrep is not installed")
def test_the_real_ripgrep(tmp_path: Path) -> None:
    """The file with the most matches first."""
    write(tmp_path, {"a.py": "delay\n", "b/c.py": "delay retry\nRetry\n", "d.py": "nothing\n"})
    assert peers.ripgrep(tmp_path, "what is the retry delay", 10) == ["b/c.py", "a.py"]
