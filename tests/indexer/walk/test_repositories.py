"""Walks with git: repositories within each other, and git that is missing or may not be asked."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from indexer.fragment import Skipped, SourceFile
from indexer.walk.walk import WalkOptions, walk
from tests import unprivileged
from tests.repositories import git, repository, write

from .walks import ALL, left_out, paths, skipped


def files_of(root: Path, options: WalkOptions) -> list[SourceFile | Skipped]:
    """All but folders: git does not mention a folder in which all files are ignored, our own walk may."""
    return [item for item in walk(root, options) if not item.path.endswith("/")]


def test_submodules_and_nested_repositories_are_part_of_the_tree(tmp_path: Path) -> None:
    """Each follows its own git: its tracked files win, its rules count, those of the outer one do not."""
    inner = repository(tmp_path / "inner", {"x.py": "", ".gitignore": "*.log\n", "kept.log": ""})
    root = repository(tmp_path / "r", {".gitignore": "x.py\n", "a.py": ""})
    git(root, "submodule", "--quiet", "add", str(inner), "sub/inner")
    repository(root / "nested", {"x.py": "", ".github/y.yml": ""})
    write(root, {"sub/inner/new.log": "", "nested/new.py": ""})
    git(root, "init", "-q", "nested/deeper")
    write(root, {"nested/deeper/z.py": ""})
    assert [p for p in paths(root) if not Path(p).name.startswith(".git")] == [
        *("a.py", "nested/.github/y.yml", "nested/deeper/z.py", "nested/new.py", "nested/x.py"),
        *("sub/inner/kept.log", "sub/inner/x.py"),
    ]  # fmt: skip
    assert left_out(root) == {"sub/inner/new.log": "ignored by .gitignore:1: *.log"}


def test_a_folder_of_repositories(tmp_path: Path) -> None:
    """A root without git that holds checkouts: each of them is asked by its own git."""
    root = tmp_path / "src"
    repository(root / "one", {"a.py": "", "dist/b.py": "", "setup.py": ""})
    repository(root / "two", {".gitignore": "*.log\n"})
    write(root, {"two/c.log": "", "two/d.py": "", "e.py": ""})
    assert paths(root) == ["e.py", "one/a.py", "one/dist/b.py", "one/setup.py", "two/.gitignore", "two/d.py"]


def test_a_submodule_that_is_not_checked_out(tmp_path: Path) -> None:
    """An empty folder is nothing to complain about."""
    inner = repository(tmp_path / "inner", {"x.py": ""})
    root = repository(tmp_path / "r", {"a.py": ""})
    git(root, "submodule", "--quiet", "add", str(inner), "sub")
    git(root, "submodule", "--quiet", "deinit", "-f", "sub")
    assert [path for path in paths(root) if path.endswith(".py")] == ["a.py"]


def test_what_git_lists_but_is_gone_is_not_mentioned(tmp_path: Path) -> None:
    """Deleted and not yet committed, or left out by a sparse checkout."""
    root = repository(tmp_path / "r", {"a.py": "", "b/c.py": ""})
    shutil.rmtree(root / "b")
    assert list(walk(root)) == [item for item in walk(root) if item.path == "a.py"]


def test_without_git_installed_the_same_files_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules and what is tracked are read by ourselves, and a line says that git was not asked."""
    root = repository(tmp_path / "r", {"a.py": "", ".gitignore": "*.log\n", "kept.log": "", "d/e.log": ""})
    write(root, {"b.log": "", "c.py": ""})
    expected = paths(root)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert paths(root) == expected == [".gitignore", "a.py", "c.py", "d/e.log", "kept.log"]
    assert skipped(root) == {".git/": "git is not installed"}


def test_a_repository_of_somebody_else_is_walked_without_git() -> None:
    """git distrusts it; the files are found all the same, by the same rules, with a remark."""
    if os.getuid() != 0:
        pytest.skip("only root can make a folder that belongs to somebody else")
    with unprivileged.folder() as place:
        write(repository(place / "r", {"a.py": "", ".gitignore": "*.log\n"}), {"b.log": ""})
        seen = unprivileged.run(
            "for item in walk(Path(sys.argv[1])): print(item.path, getattr(item, 'reason', ''))",
            place / "r",
            before="import sys; from pathlib import Path; from indexer.walk.walk import walk",
        )
    lines = seen.splitlines()
    assert lines[0].startswith(".git/ git distrusts this folder")
    assert lines[1:] == [".gitignore ", "a.py "]


@pytest.mark.parametrize("with_git", [True, False])
def test_folders_that_may_not_be_read(with_git: bool) -> None:
    """One locked folder costs its own content only, and is named."""
    with unprivileged.folder() as place:
        root = place / "r"
        write(root, {"a.py": "", "locked/b.py": "", "closed/c.py": ""})
        if with_git:
            git(root, "init", "-q")
        unprivileged.give(root)
        (root / "locked").chmod(0)
        (root / "closed").chmod(0o400)
        seen = unprivileged.run(
            "for item in walk(Path(sys.argv[1])): print(item.path, getattr(item, 'reason', ''))",
            root,
            before="import sys; from pathlib import Path; from indexer.walk.walk import walk",
        )
    lines = seen.splitlines()
    assert "a.py " in lines
    assert "locked/ unreadable: Permission denied" in lines
    assert any(line.startswith("closed/") and "Permission denied" in line for line in lines)


@pytest.mark.slow
def test_random_trees_with_git_and_without(tmp_path: Path) -> None:
    """The same tree gives the same files, and the same reasons for files left out, when .git is gone."""
    rng = random.Random(7)
    names = ["a", "b.py", "c.log", "build", "x y", "é", ".hid", "vendor", "d.min.js", "out"]
    rules = ["*.log", "!c.log", "build/", "/out", "x*", "**/a/b.py", "a/**", "!a/x y", "*", "!*/", "!*.py"]
    for number in range(40):
        root = tmp_path / str(number)
        repository(root)
        for _ in range(30):
            place = root.joinpath(*rng.choices(names, k=rng.randint(1, 4)))
            if not any(p.is_file() for p in (place, *place.parents)) and not place.is_dir():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
        for folder in [root, *(p for p in root.rglob("*") if p.is_dir() and ".git" not in p.parts)]:
            if rng.random() < 0.4:
                (folder / ".gitignore").write_text("\n".join(rng.choices(rules, k=3)))
        for options in (WalkOptions(), ALL):
            expected = files_of(root, options)
            (root / ".git").rename(tmp_path / "aside")
            assert files_of(root, options) == expected, number
            (tmp_path / "aside").rename(root / ".git")
