"""Commits as questions: which are asked about, and what they changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.encoding import load
from research.benchmarks import history, own
from research.benchmarks.report import as_json
from tests.repositories import git, isolate, repository, write
from tests.support.schemas import validate

CODE = "".join(
    f'def {verb}_sail(boat):\n    """How to {verb} the sail of a boat."""\n'
    f"    rope = boat.rope_{verb}()\n    return rope.{verb}(boat.sail)\n\n\n"
    for verb in ("hoist", "lower", "reef", "mend")
)


def _commit(root: Path, files: dict[str, str], message: str) -> None:
    write(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-qm", message)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of four commits, of which two say what they changed in code that was there."""
    isolate(monkeypatch, tmp_path / "home")
    root = repository(tmp_path / "yard", {"sails.py": CODE, "test_sails.py": "x = 1\n"})
    changed = CODE.replace("rope.reef(boat.sail)", "rope.reef(boat.sail, 2)")
    _commit(root, {"sails.py": changed}, "Reefing takes the sail in twice\n\nSigned-off-by: A <a@b>")
    _commit(root, {"sails.py": changed + "\n\nx = 1\n"}, "Bump the version of everything here")
    added = changed.replace("boat.rope_mend()\n", "boat.rope_mend()\n    rope.check()\n")
    _commit(root, {"sails.py": added, "test_sails.py": "x = 2\n"}, "Mend only with a sound rope")
    return root


def test_commits_become_questions(root: Path) -> None:
    """The newest first; routine commits and the first one are left out, tests and trailers too."""
    newest, older = history.commits(root, 10)
    assert (newest.text, older.text) == ("Mend only with a sound rope", "Reefing takes the sail in twice")
    assert newest.changes.keys() == older.changes.keys() == {"sails.py"}
    line = CODE.splitlines().index("    return rope.reef(boat.sail)") + 1
    assert older.changes["sails.py"].removed == {line}
    assert not older.changes["sails.py"].inserted_after
    assert len(history.commits(root, 1)) == 1


@pytest.mark.slow
def test_a_repository_is_asked_about_its_commits(root: Path) -> None:
    """The changed function is found by the commit's message, at the commit before."""
    report = own.measure(root, load(), ("hybrid",), 4, commits=5)
    commits = report.figures.commits
    assert commits.issues == 2
    assert commits.scores["hybrid"]["Acc@5"].mean == 1.0
    validate("commands/bench-repo", json.loads(as_json(report)))


def test_without_history_it_is_said(root: Path) -> None:
    """No git, or no commits wanted: the other kinds are asked, and the report says what is missing."""
    report = own.measure(root, load(), ("bm25",), 4, commits=0)
    assert "commits" not in json.loads(as_json(report))
    assert any("No questions about commits" in note for note in report.notes)
    assert history.commits(root.parent / "home", 5) == []
