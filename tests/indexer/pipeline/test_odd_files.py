"""Numbers that a system may tell, and failures that nobody has thought of: one file never ends an update."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from indexer import pipeline
from indexer.analysis import analysis
from indexer.fragment import MAX_INT64, Entry, SourceFile, stamp_of, storable
from indexer.index import writer
from indexer.index.commits import Commit, _CommitTable
from indexer.index.index import Index
from indexer.index.manifest import Manifest
from indexer.walk import walk
from tests.indexes import config, paths, refresh
from tests.repositories import write

YEAR = 365 * 86_400
TIMES = {
    "2262": 293 * YEAR,
    "2446": 476 * YEAR,
    "far": 2**40,
    "farther": 2**62,
    "1969": -1,
    "1901": -(2**31),
    "long ago": -(2**40),
}
FOLDERS = [folder for folder in ("", "/dev/shm") if not folder or os.access(folder, os.W_OK)]
"""Where the tests write, and a file system that keeps any time, if there is one."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_times_of_any_year(tmp_path: Path, home: Path, folder: str) -> None:
    """Files, a folder and a link of such times are indexed, and unchanged the next time."""
    with tempfile.TemporaryDirectory(dir=folder or tmp_path) as place:
        root = write(Path(place), {f"{name}.py": f"y = {n}\n" for n, name in enumerate(TIMES)})
        write(root, {"sub/inside.py": "z = 1\n"})
        (root / "link.py").symlink_to("2262.py")
        for name, seconds in TIMES.items():
            os.utime(root / f"{name}.py", (seconds, seconds))
        os.utime(root / "link.py", (TIMES["far"],) * 2, follow_symlinks=False)
        os.utime(root / "sub", (TIMES["far"],) * 2)
        assert refresh(root, home).added == len(TIMES) + 1
        assert refresh(root, home).unchanged == len(TIMES) + 1
        (root / "far.py").write_text("y = 'changed'\n")
        os.utime(root / "far.py", (TIMES["far"],) * 2)
        assert refresh(root, home).changed == 1


@pytest.mark.parametrize(
    "told",
    [
        {"st_mtime_ns": 10**30, "st_ctime_ns": 10**30},
        {"st_mtime_ns": -(10**30), "st_ctime_ns": -(10**30)},
        {"st_ino": 2**64 - 1, "st_dev": 2**64 - 1, "st_uid": 2**32 - 1, "st_gid": 2**32 - 1},
        {"st_size": -1},
        {"st_size": 2**70},
        {"st_size": float("nan"), "st_mtime_ns": float("nan")},
    ],
    ids=["future", "past", "inode", "negative size", "size", "no numbers"],
)
def test_what_a_system_may_tell(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]
) -> None:
    """The other files are indexed; this one, too, or it is left out with a reason."""
    write(root, {"odd.py": "x = 1\n"})
    real = os.lstat

    def lstat(place: Any, *args: Any, **options: Any) -> Any:
        status = real(place, *args, **options)
        if not os.fsdecode(place).endswith("odd.py"):
            return status
        names = [name for name in dir(status) if name.startswith("st_")]
        return SimpleNamespace(**{name: getattr(status, name) for name in names} | told)

    monkeypatch.setattr(walk.os, "lstat", lstat)
    for _ in range(2):
        refresh(root, home)
        with Index.open(root, config(home)) as index:
            assert {"bakery.py", "post.go"} <= set(index.manifest.paths())
            listed = pipeline.walk(root, pipeline.options(index.config, root))
        assert any(item.path == "odd.py" for item in listed)


def test_numbers_that_are_stored() -> None:
    """The nearest that 64 bits hold; a number that fits is left alone."""
    assert [storable(n) for n in (0, -5, 2**62, MAX_INT64)] == [0, -5, 2**62, MAX_INT64]
    assert [storable(n) for n in (2**63, 10**40, float("inf"))] == [MAX_INT64] * 3
    assert [storable(n) for n in (-(2**63) - 1, float("-inf"))] == [-MAX_INT64] * 2
    assert storable(float("nan")) == 0
    status: Any = SimpleNamespace(st_ctime_ns=-(10**25), st_ino=2**64 - 1)
    assert 0 <= stamp_of(status) <= MAX_INT64


def test_a_row_that_no_table_holds(tmp_path: Path) -> None:
    """It is recorded with the others, as near as can be."""
    manifest = Manifest(tmp_path / "manifest.db")
    odd = Entry("a.py", 2**70, -(2**70), 2**64, "d", "python", 1, 1, stamp=2**64)
    manifest.record([odd, Entry("b.py", 1, 1, 1, "d", "x\udc80", 1, 1)])
    found = manifest.entries()
    assert found["a.py"].size == found["a.py"].stamp == MAX_INT64
    assert found["b.py"].language == "x?"
    manifest.close()


def test_a_commit_of_any_year(tmp_path: Path) -> None:
    table = _CommitTable(tmp_path / "past.db")
    table.add([Commit("a" * 40, 2**70, "from the future", ("a.py",), ())])
    assert table.commits(["a" * 40])[0].time == MAX_INT64
    table.close()


def fails_for(original: Callable[..., Any], where: Callable[..., bool]) -> Callable[..., Any]:
    def called(*values: Any, **options: Any) -> Any:
        if where(*values):
            raise ZeroDivisionError("of one file")
        return original(*values, **options)

    return called


@pytest.mark.parametrize("step", ["look", "take", "cache", "store"])
def test_a_failure_that_nobody_thought_of(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """It is that file's reason to be left out, with the error's class; the next run tries again."""
    write(root, {"odd.py": "def odd():\n    return 1\n"})
    if step == "cache":
        refresh(root, home)
    with monkeypatch.context() as patch:
        if step == "look":
            look = fails_for(walk._Walk._stat_file, lambda walk, path, told: path == b"odd.py")
            patch.setattr(walk._Walk, "_stat_file", look)
        elif step == "take":
            kept = fails_for(writer.Writer._cached, lambda _, result: result.entry.path == "odd.py")
            patch.setattr(writer.Writer, "_cached", kept)
        elif step == "cache":
            home = _moved(home)
            restored = fails_for(analysis._restored, lambda raw, *_: raw.file.path == "odd.py")
            patch.setattr(analysis, "_restored", restored)
        else:
            plan = fails_for(writer.Writer._plan, lambda _, result: result.entry.path == "odd.py")
            patch.setattr(writer.Writer, "_plan", plan)
        refresh(root, home)
        assert "bakery.py" in paths(root, home)
        assert "odd.py" not in paths(root, home)
        with Index.open(root, config(home)) as index:
            reasons = {item.path: item.reason for item in index.manifest.skipped()}
            listed = {item.path: item for item in pipeline.walk(root, pipeline.options(index.config, root))}
    reason = getattr(listed["odd.py"], "reason", "") or reasons["odd.py"]
    assert "ZeroDivisionError" in reason
    write(root, {"odd.py": "def odd():\n    return 2\n"})
    refresh(root, home)
    assert "odd.py" in paths(root, home)


def _moved(home: Path) -> Path:
    """A home with the cache of another one, and without its indexes."""
    new = home.with_name("new")
    new.mkdir()
    for place in home.iterdir():
        if place.is_file():
            place.rename(new / place.name)
    return new


def test_a_look_that_fails(root: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a file has changed cannot be found out: it is analysed."""
    refresh(root, home)
    os.utime(root / "bakery.py")

    def where(file: SourceFile) -> bool:
        return file.path == "bakery.py"

    monkeypatch.setattr(pipeline, "digest_of", fails_for(pipeline.digest_of, where))
    assert refresh(root, home).changed == 1
