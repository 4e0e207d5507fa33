"""Tracked files are read without git as git itself lists them, or not at all."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from indexer.walk import git_index
from tests.repositories import git, isolate, repository, write

DEEP = ["sub/deep/b.py", "sub/deep/c.py", "sub-x/y", ".ci/z"]
NAMES = ["a.py", *DEEP, "größe.py", "a\nb", 'q"q', "x" * 200]


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def listed(root: Path) -> set[bytes]:
    return {row.partition(b"\t")[2] for row in git(root, "ls-files", "-z", "-s").split(b"\0")[:-1]}


@pytest.mark.parametrize("version", ["2", "4"])
@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_every_version_and_kind_of_id(tmp_path: Path, version: str, form: str) -> None:
    """Short and very long names, shared beginnings, more than one byte of a number."""
    root = tmp_path / "r"
    root.mkdir()
    git(root, "init", "-q", f"--object-format={form}")
    write(root, dict.fromkeys([*NAMES, *(f"deep/{'y' * 190}/{i}.py" for i in range(300))], "x\n"))
    git(root, "config", "index.version", version)
    git(root, "add", "-A")
    assert int.from_bytes((root / ".git/index").read_bytes()[4:8], "big") == int(version)
    files, submodules = git_index.tracked(os.fsencode(root))
    assert (set(files), submodules) == (listed(root), [])


def test_flags_conflicts_submodules_and_checksums_left_out(tmp_path: Path) -> None:
    """A file that is only meant to be added, one with three versions, a link, a submodule, no checksum."""
    root = repository(tmp_path / "r", {"a.py": "1"})
    (root / "link").symlink_to("a.py")
    git(write(root, {"meant.py": "x"}), "add", "-N", "meant.py")
    git(root, "add", "link")
    blob = git(root, "rev-parse", "HEAD:a.py").decode().strip()
    commit = git(root, "rev-parse", "HEAD").decode().strip()
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{commit},lib")
    rows = "".join(f"100644 {blob} {stage}\tboth.py\n" for stage in (1, 2, 3))
    (tmp_path / "rows").write_text(rows)
    with (tmp_path / "rows").open("rb") as stream:
        subprocess.run(["git", "-C", root, "update-index", "--index-info"], stdin=stream, check=True)
    expected = [b"a.py", b"both.py", b"link", b"meant.py"]
    assert git_index.tracked(os.fsencode(root)) == (expected, [b"lib"])
    place = root / ".git" / "index"
    place.write_bytes(place.read_bytes()[:-20] + bytes(20))
    assert git_index.tracked(os.fsencode(root)) == (expected, [b"lib"])


def test_a_linked_work_tree_and_no_index_yet(tmp_path: Path) -> None:
    """A `.git` file names the folder; a new repository tracks nothing."""
    root = repository(tmp_path / "r", {"a.py": "1"})
    git(root, "worktree", "add", "-q", str(tmp_path / "w"))
    assert git_index.tracked(os.fsencode(tmp_path / "w")) == ([b"a.py"], [])
    (root / ".git" / "index").unlink()
    assert git_index.tracked(os.fsencode(root)) == ([], [])


def test_what_cannot_be_trusted_is_refused(tmp_path: Path) -> None:
    """Cut off at any byte, any byte changed, garbage, a split index, a pipe, a `.git` that leads nowhere."""
    root = repository(tmp_path / "r", {"a.py": "1", "b/c.py": "2"})
    place = root / ".git" / "index"
    good = place.read_bytes()
    for bad in [
        *(good[:i] for i in range(len(good))),
        *(good[:i] + b"\xa5" + good[i + 1 :] for i in range(100)),
    ]:
        if bad != good:
            place.write_bytes(bad)
            with pytest.raises(git_index.Unreadable):
                git_index.tracked(os.fsencode(root))
    place.write_bytes(good)
    git(root, "update-index", "--split-index")
    with pytest.raises(git_index.Unreadable, match="split"):
        git_index.tracked(os.fsencode(root))
    place.unlink()
    os.mkfifo(place)
    with pytest.raises(git_index.Unreadable):
        git_index.tracked(os.fsencode(root))
    for link in (b"", b"gitdir:", b"\0" * 100):
        (tmp_path / "w").mkdir(exist_ok=True)
        (tmp_path / "w" / ".git").write_bytes(link)
        with pytest.raises(git_index.Unreadable):
            git_index.tracked(os.fsencode(tmp_path / "w"))
