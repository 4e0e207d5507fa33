"""Linked work trees inside a root: left out, and nothing else that has a `.git` file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from indexer.walk.walk import WalkOptions, explain
from indexer.walk.watch import folders_of
from tests.repositories import fake_git, git, repository, write

from .walks import paths, skipped

REASON = "linked work tree of this repository"


@pytest.fixture
def main(tmp_path: Path) -> Path:
    return repository(tmp_path / "r", {"a.py": "", "sub/b.py": "", ".claude/settings.json": "{}"})


def code(root: Path, options: WalkOptions | None = None) -> list[str]:
    return [path for path in paths(root, options) if path.endswith(".py")]


def test_linked_work_trees_are_left_out(main: Path) -> None:
    """Wherever they are in the root; status tells, and nothing below is watched."""
    git(main, "worktree", "add", "-q", "wt", "-b", "one")
    git(main, "worktree", "add", "-q", ".claude/worktrees/agent-1", "-b", "two")
    git(main, "worktree", "add", "-q", "sub/deep/er", "-b", "three")
    assert code(main) == ["a.py", "sub/b.py"]
    assert skipped(main) == dict.fromkeys((".claude/worktrees/agent-1/", "sub/deep/er/", "wt/"), REASON)
    assert explain(main, "wt/a.py") == f"wt/: {REASON}"
    assert {f for f in folders_of(main, WalkOptions()) if not f.startswith(".git")} == {
        *("", ".claude", ".claude/worktrees", "sub", "sub/deep")
    }
    assert code(main / "sub") == ["b.py"]
    assert skipped(main / "sub") == {"deep/er/": REASON}
    git(main, "worktree", "remove", "wt")
    assert "wt/" not in skipped(main)


def test_what_the_user_asks_for_is_indexed(main: Path) -> None:
    """As of all that we leave out by ourselves."""
    git(main, "worktree", "add", "-q", "wt", "-b", "one")
    assert "wt/a.py" in code(main, WalkOptions(include=("wt/",)))
    write(main, {".corneaignore": "!wt/\n"})
    assert "wt/a.py" in code(main)


@pytest.mark.parametrize("relative", [False, True])
def test_without_git(main: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: bool) -> None:
    """The file alone tells, with a whole path or a relative one, also after the repository forgot it."""
    git(main, "worktree", "add", "-q", "wt", "-b", "one")
    if relative:
        write(main, {"wt/.git": "gitdir: ../.git/worktrees/wt\n"})
    shutil.rmtree(main / ".git/worktrees/wt")
    assert skipped(main) == {"wt/": REASON}
    fake_git(monkeypatch, tmp_path, "exit 127")
    assert skipped(main)["wt/"] == REASON
    assert "wt/a.py" not in code(main)


def test_a_root_that_is_a_linked_work_tree(main: Path) -> None:
    """It is indexed as any other; one inside of it is left out."""
    git(main, "worktree", "add", "-q", "../wt", "-b", "one")
    root = main.parent / "wt"
    assert code(root) == ["a.py", "sub/b.py"]
    git(root, "worktree", "add", "-q", "agents/x", "-b", "two")
    assert code(root) == ["a.py", "sub/b.py"]
    assert skipped(root) == {"agents/x/": REASON}
    assert code(main / ".claude") == []
    git(main, "worktree", "add", "-q", ".claude/x", "-b", "three")
    assert code(main / ".claude/x") == ["a.py", "sub/b.py"]


def test_submodules_and_other_repositories_are_none(main: Path, tmp_path: Path) -> None:
    """A submodule has a `.git` file, too; the files of a repository elsewhere are nowhere else."""
    inner = repository(tmp_path / "inner", {"x.py": ""})
    git(main, "submodule", "--quiet", "add", str(inner), "module")
    git(inner, "worktree", "add", "-q", str(main / "guest"), "-b", "one")
    assert code(main) == ["a.py", "guest/x.py", "module/x.py", "sub/b.py"]
    git(main, "commit", "-qam", "module")
    git(main, "worktree", "add", "-q", "wt", "-b", "two")
    git(main / "wt", "submodule", "--quiet", "update", "--init")
    assert code(main) == ["a.py", "guest/x.py", "module/x.py", "sub/b.py"]
    assert code(main / "wt") == ["a.py", "module/x.py", "sub/b.py"]


def test_a_folder_with_a_repository_and_its_work_trees(main: Path) -> None:
    """In a root without git each file is found once."""
    root = main.parent
    shutil.rmtree(root / "home", ignore_errors=True)
    git(main, "worktree", "add", "-q", "../a-branch", "-b", "one")
    assert code(root) == ["r/a.py", "r/sub/b.py"]
    assert skipped(root) == {"a-branch/": "linked work tree of the repository r/"}


def test_a_bare_repository_beside_its_work_trees(main: Path, tmp_path: Path) -> None:
    """Without a main work tree the linked ones hold the files."""
    root = tmp_path / "project"
    root.mkdir()
    git(tmp_path, "clone", "-q", "--bare", "r", "project/.bare")
    write(root, {".git": "gitdir: ./.bare\n"})
    git(root, "worktree", "add", "-q", "main", "main")
    assert code(root) == ["main/a.py", "main/sub/b.py"]


@pytest.mark.parametrize(
    "content", [b"", b"gitdir: ", b"gitdir: \0", b"gitdir: /", b"x" * 100_000, b"gitdir: worktrees"]
)
def test_odd_git_files(main: Path, content: bytes) -> None:
    """Anything may be called `.git`."""
    write(main, {"odd/.git": content, "odd/x.py": ""})
    assert "linked" not in str(skipped(main))
