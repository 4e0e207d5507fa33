"""Issues scored against the functions changed for them, on a repository of two commits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import UsageError
from research.benchmarks import locate
from research.benchmarks.report import as_json
from research.datasets import issues
from research.datasets.issues import Change, SourceFunction
from retrieval.localization.functions import outermost_functions
from tests.repositories import git, isolate, repository, write
from tests.support.schemas import validate

BOATS = '''class Harbour:
    """Where boats lie."""

    def anchor(self, boat):
        """Drop the anchor of a boat."""
        return boat.drop()

    def rescue(self, sailor):
        """Pull a sailor who fell overboard out of the water."""
        return sailor.pull()
'''
TREES = "def graft(tree, branch):\n    return tree.add(branch)\n\n\ndef prune(tree):\n    return tree.cut()\n"


@pytest.fixture
def clones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one bare clone, owner+yard; its two commits swap the two files' names."""
    isolate(monkeypatch, tmp_path / "home")
    root = repository(tmp_path / "work", {"boats.py": BOATS, "trees.py": TREES, "test_boats.py": BOATS})
    write(root, {"extra.py": "def unused():\n    return None\n"})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "More")
    (tmp_path / "clones").mkdir()
    git(tmp_path, "clone", "-q", "--bare", "work", "clones/owner+yard")
    return tmp_path / "clones"


def _issue(clones: Path, rev: str, text: str, changes: Mapping[str, Any], **other: Any) -> dict[str, Any]:
    commit = git(clones / "owner+yard", "--git-dir=.", "rev-parse", rev).decode().strip()
    known = {"instance_id": text[:12], "repo": "owner/yard", "base_commit": commit}
    return {**known, "problem_statement": text, "changed_lines": changes, **other}


def _file(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "issues.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.slow
def test_issues_at_their_commits(clones: Path, tmp_path: Path) -> None:
    """Each issue is asked at its own commit; what cannot be scored is counted, not hidden."""
    overboard = {"boats.py": {"removed": [10], "inserted_after": []}}
    pruning = {"trees.py": {"removed": [], "inserted_after": [5]}}
    rows = [
        _issue(clones, "HEAD~1", "A sailor who falls overboard is not pulled out of the water", overboard),
        _issue(clones, "HEAD", 'prune does not cut the "tree"', pruning),
        _issue(clones, "HEAD", "Only text", {"boats.py": {"removed": [1], "inserted_after": []}}),
        _issue(clones, "HEAD", "Elsewhere", overboard, repo="owner/other"),
        _issue(clones, "HEAD", "Lost", overboard, base_commit="0" * 40),
    ]
    report = locate.measure(_file(tmp_path, rows), clones, profiles=("bm25", "hybrid", "locate"))
    validate("commands/bench-locate", json.loads(as_json(report)))
    assert report.figures.issues == 2
    assert len(report.figures.functions) == 2
    assert 0 < report.figures.seconds["locate: processor"].p50 < 10
    assert report.figures.left_out == {
        "no function changed": 1,
        "no clone": 1,
        "no such commit in the clone": 1,
    }
    for profile in ("bm25", "hybrid", "locate"):
        scores = report.figures.scores[profile]
        assert scores["Acc@1"].mean == scores["file Acc@1"].mean == scores["MRR@10"].mean == 1.0


def test_functions_are_outermost() -> None:
    """Pieces that touch are one function, with what is nested in it; neighbours stay apart."""
    pieces = [
        _piece("f", 1, 20, 0, 100),
        _piece("f.inner", 21, 50, 100, 300),
        _piece("f", 51, 60, 300, 400),
        _piece("g", 62, 64, 402, 450),
        _piece("g", 66, 68, 452, 500),
    ]
    found = outermost_functions(reversed(pieces))["a.py"]
    assert [(f.symbol, f.start, f.end) for f in found] == [("f", 1, 60), ("g", 62, 64), ("g", 66, 68)]


def _piece(symbol: str, start: int, end: int, first: int, last: int) -> SourceFunction:
    return SourceFunction("a.py", symbol, start, end, start_byte=first, end_byte=last)


def test_gold_is_inside() -> None:
    """A removed line counts at either end; an insertion after the last line is outside."""
    there = {"a.py": [SourceFunction("a.py", "f", 10, 20)]}
    for removed, inserted, inside in (
        ({10}, (), 1),
        ({20}, (), 1),
        ({21}, (), 0),
        ((), {19}, 1),
        ((), {20}, 0),
    ):
        change = Change(frozenset(removed), frozenset(inserted))
        assert len(issues.gold({"a.py": change}, there)) == inside
        assert issues.gold({"b.py": change}, there) == []


def test_scores_by_hand() -> None:
    """Two functions changed in two files, found at ranks 2 and 4: the files are at ranks 1 and 3."""
    a, b, c, d = (SourceFunction(p, s, 1, 2) for p, s in (("a", "x"), ("a", "y"), ("b", "x"), ("c", "x")))
    values = locate.score([a, b, c, d], [b, d])
    assert [values[f"Acc@{k}"] for k in (1, 5, 10)] == [0.0, 1.0, 1.0]
    assert [values[f"hit@{k}"] for k in (1, 5)] == [0.0, 1.0]
    assert values["MRR@10"] == 0.5
    assert [values[f"file Acc@{k}"] for k in (1, 3, 5)] == [0.0, 1.0, 1.0]
    assert locate.score([a], [b, d])["recall@50"] == 0.0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "must be an object"),
        ('{"instance_id": "1"}', "KeyError"),
        (
            '{"instance_id":"1","repo":"o/r","base_commit":"c","problem_statement":"t","changed_lines":[]}',
            "Attribute",
        ),
    ],
)
def test_bad_issues_are_said_with_their_line(line: str, said: str, tmp_path: Path) -> None:
    """One line that names the file and the number."""
    path = tmp_path / "issues.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(UsageError, match=rf"issues\.jsonl:2: .*{said}"):
        issues.load(path)


def test_no_issues_and_no_clones(clones: Path, tmp_path: Path) -> None:
    """An empty file, the same id twice, and a set none of whose repositories is there."""
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    with pytest.raises(UsageError, match="no issues"):
        issues.load(empty)
    row = _issue(clones, "HEAD", "Twice", {}, repo="owner/other")
    with pytest.raises(UsageError, match="twice"):
        issues.load(_file(tmp_path, [row, row]))
    with pytest.raises(UsageError, match="1 \\(no clone\\)"):
        locate.measure(_file(tmp_path, [row]), clones, profiles=("bm25",))
