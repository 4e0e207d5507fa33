"""The past of a repository: what is read, kept, and left out."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from indexer.index import commits
from indexer.index.commits import COMMITS, past
from indexer.quarantine import Quarantine, Suspect
from indexer.walk import git as walk_git
from tests.repositories import git, isolate, repository, write

BOATS = """class Harbour:
    def anchor(self, boat):
        return boat.drop()

    def rescue(self):
        return 1
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three commits: a file, a change inside of a method, a new file in a folder."""
    isolate(monkeypatch, tmp_path / "home")
    root = repository(tmp_path / "yard", {"boats.py": BOATS})
    write(root, {"boats.py": BOATS.replace("return 1", "return 2")})
    git(root, "commit", "-qam", "Rescue twice\n\nTwo sailors fell overboard.")
    write(root, {"sub/trees.py": "def prune(tree):\n    return tree\n"})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "Trees")
    return root


def test_messages_files_and_functions(root: Path, tmp_path: Path) -> None:
    """The newest first; a change names the method that it is in, or puts there."""
    found = past(root, tmp_path)
    assert [c.message for c in found.commits] == [
        "Trees",
        "Rescue twice\n\nTwo sailors fell overboard.",
        "Begin",
    ]
    assert found.commits[1].paths == ("boats.py",)
    assert found.commits[1].functions == (("boats.py", "rescue"),)
    assert ("sub/trees.py", "prune") in found.commits[0].functions
    assert found.missing == ""


def test_true_ancestors_only(root: Path, tmp_path: Path) -> None:
    """What came after a commit, or beside it, is not its past, even if it was read before."""
    past(root, tmp_path)
    git(root, "checkout", "-q", "-b", "side", "HEAD~2")
    write(root, {"boats.py": BOATS.replace("drop", "lower")})
    git(root, "commit", "-qam", "Beside")
    assert [c.message for c in past(root, tmp_path).commits] == ["Beside", "Begin"]
    assert [c.message for c in past(root, tmp_path, "HEAD~1").commits] == ["Begin"]


def test_read_once(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the table is not read again; a damaged table is."""
    first = past(root, tmp_path)
    with closing(sqlite3.connect(tmp_path / COMMITS)) as db, db:
        db.execute("UPDATE commits SET message = 'kept' WHERE message = 'Begin'")
    assert past(root, tmp_path).commits[-1].message == "kept"
    (tmp_path / COMMITS).write_bytes(b"no database at all" * 100)
    assert past(root, tmp_path) == first


def test_a_folder_of_a_repository(root: Path, tmp_path: Path) -> None:
    """Paths are relative to the root that was asked for; what is outside of it is left out."""
    found = past(root / "sub", tmp_path)
    assert [c.paths for c in found.commits] == [("trees.py",), (), ()]


def test_no_history(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository, no commit yet, no git: said, and no error."""
    (tmp_path / "plain").mkdir()
    assert past(tmp_path / "plain", tmp_path).missing == "no git history"
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q")
    assert past(tmp_path / "new", tmp_path).missing == "no git history"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert past(root, tmp_path).missing == "no git history (git is not installed)"


def test_a_shallow_clone(root: Path, tmp_path: Path) -> None:
    """Its history ends early, and that is said."""
    git(tmp_path, "clone", "-q", "--depth=2", root.as_uri(), "shallow")
    found = past(tmp_path / "shallow", tmp_path)
    assert [c.message[:5] for c in found.commits] == ["Trees", "Rescu"]
    assert found.missing == "a shallow clone: its history ends after 2 commits"


def test_a_sweep_says_nothing(root: Path, tmp_path: Path) -> None:
    """A commit over very many files is about none of them."""
    write(root, {f"f{i}.py": "x = 1\n" for i in range(150)})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "All")
    first = past(root, tmp_path).commits[0]
    assert (first.paths, first.functions) == ((), ())


def test_messages_lose_their_secrets(root: Path, tmp_path: Path) -> None:
    """Before they are kept; and what an older version kept is not kept on in the file's free pages."""
    token = "".join(("ghp", "_", "q7Rz81LmXv5TgB2nKd93WsYpEa64HcJu0aB1"))
    git(root, "commit", "-q", "--allow-empty", "-m", f"Rotate {token}, password=hunter2x")
    found = past(root, tmp_path)
    assert found.commits[0].message == f"Rotate {'*' * len(token)}, password={'*' * 8}"
    assert token.encode() not in (tmp_path / COMMITS).read_bytes()
    (tmp_path / COMMITS).unlink()
    with closing(sqlite3.connect(tmp_path / COMMITS)) as old:
        old.execute("CREATE TABLE commits (id TEXT, message TEXT)")
        old.execute("INSERT INTO commits VALUES ('1', ?)", (token,))
        old.execute("PRAGMA user_version = 1")
        old.commit()
    assert past(root, tmp_path).commits == found.commits
    assert token.encode() not in (tmp_path / COMMITS).read_bytes()


def lose_first(root: Path) -> None:
    """Delete the object of the first commit, which git still lists, because it is in the commit graph."""
    git(root, "commit-graph", "write", "--reachable")
    first = git(root, "rev-parse", "HEAD~2").decode().strip()
    (root / ".git" / "objects" / first[:2] / first[2:]).unlink()


def test_a_commit_that_git_cannot_read(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried twice and then left out, with the reason; the others are there."""
    asked: list[list[str]] = []
    read = commits.read

    def counted(repository: Path, ids: Sequence[str]) -> list[commits.Commit]:
        asked.append(list(ids))
        return read(repository, ids)

    monkeypatch.setattr(commits, "read", counted)
    lose_first(root)
    for _ in range(3):
        found = past(root, tmp_path)
        assert len(found.commits) == 2
        assert found.missing == "1 commits cannot be read; run git fsck"
    first = git(root, "rev-parse", "HEAD~2").decode().strip()
    assert [len(ids) for ids in asked] == [3, 1]
    left_out = [(one.path, one.reason) for one in Quarantine(tmp_path).left_out()]
    assert left_out == [(f"commit {first}", "git cannot read it")]


@pytest.mark.parametrize("refused", ["--batch", "commit"])
def test_no_commit_is_blamed_for_a_refusal(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """If git does not answer in time or cannot be started, the cause is not in the commits."""
    first, run = git(root, "rev-parse", "HEAD~2"), walk_git.run

    def busy(
        folder: Path, command: str, *args: str, **options: Any
    ) -> CompletedProcess[bytes] | walk_git.Refusal:
        asked = (*map(str.encode, args), options.get("stdin") or b"")
        if command == "cat-file" and args[0] == refused and any(first.strip() in one for one in asked):
            return walk_git.Refusal("git did not answer within 60 s", True)
        return run(folder, command, *args, **options)

    if refused == "commit":
        lose_first(root)
    monkeypatch.setattr(walk_git, "run", busy)
    assert past(root, tmp_path).missing.endswith("commits cannot be read; run git fsck")
    assert Quarantine(tmp_path).keys(Suspect.COMMIT) == set()
