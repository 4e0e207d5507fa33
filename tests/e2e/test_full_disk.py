"""A disk that fills up: the run ends with a clear message, and all is well once there is space again."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import limits
from indexer.errors import DiskFull
from indexer.index import writer
from indexer.index.index import Index
from indexer.pipeline import update
from tests.disks import run_on_disk
from tests.indexes import PYTHON, answers, config, is_as_fresh, refresh
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT

GIGABYTE = 1 << 30


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "user")
    files: dict[str, str | bytes] = {f"f{n}.py": f"def f{n}():\n    return {n}\n" for n in range(60)}
    return write(tmp_path / "root", files | {"bakery.py": PYTHON})


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_space_that_runs_out_in_a_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    """Before the first batch or a later one: what was written stays, and the next run completes it."""
    home = tmp_path / "home"
    left = 1 + batches  # the opening asks too
    monkeypatch.setattr(writer, "BATCH_FILES", 10)
    monkeypatch.setattr(writer, "BATCH_SECONDS", LIMIT)

    def free_bytes(folder: Path) -> int:
        nonlocal left
        left -= 1
        return GIGABYTE if left >= 0 else 65 << 20

    with monkeypatch.context() as patch:
        patch.setattr(limits, "free_bytes", free_bytes)
        with (
            Index.open(root, config(home, reserve_mb=100)) as index,
            pytest.raises(DiskFull, match=r"not enough disk space for the index .* 65 MB free.*free some"),
        ):
            update(index)
        left = -1
        found = answers(root, home, "f1 return")[0]
        assert bool(found) == (batches > 0), "what there is can be asked although the disk is full"
    report = refresh(root, home)
    assert (report.unchanged, report.remarks) == (10 * batches, ())
    assert is_as_fresh(root, home, home / "fresh")


SMALL_DISK = """
    import os, sys
    from contextlib import suppress
    from pathlib import Path
    from indexer.errors import CorneaError, DiskFull
    from indexer.index import writer
    from tests.indexes import answers, is_as_fresh, refresh
    writer.BATCH_POINTS = 500
    root, disk, elsewhere = map(Path, sys.argv[1:])

    def free():
        return os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize

    def fill(leave):
        with suppress(OSError), (disk / "filler").open("ab", buffering=0) as filler:
            while free() > leave:
                filler.write(bytes(min(1 << 20, free() - leave)))

    fill(leave=120 << 20)
    try:
        refresh(root, disk / "home")
        print("no failure")
    except DiskFull as error:
        print("run:", error)
    os.truncate(disk / "filler", os.path.getsize(disk / "filler") - (40 << 20))
    print("some are there:", len(answers(root, disk / "home", "words of file")[0]) > 0)
    fill(leave=0)
    try:
        refresh(root, disk / "home")
        print("no failure")
    except CorneaError as error:
        print("none left:", error)
    try:
        refresh(root, disk / "other")
        print("no failure")
    except CorneaError as error:
        print("none left:", error)
    (disk / "filler").unlink()
    report = refresh(root, disk / "home")
    print("again:", report.unchanged > 0, report.remarks)
    print("as fresh:", is_as_fresh(root, disk / "home", elsewhere))
"""


def test_a_disk_that_is_really_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file system of memory: full in a run, full to the last byte, and free again."""
    isolate(monkeypatch, tmp_path / "user")
    disk = tmp_path / "disk"
    root = write(
        tmp_path / "root",
        {
            f"f{n}.txt": "".join(f"words of file {n}, line {k}: {k * n}\n" for k in range(3000))
            for n in range(60)
        },
    )
    lines = run_on_disk(disk, 300, SMALL_DISK, root, disk, tmp_path / "elsewhere")
    assert lines[0].startswith("run: not enough disk space for the index"), lines
    assert lines[1] == "some are there: True"
    assert all(line.startswith("none left: ") for line in lines[2:4]), lines
    assert lines[4:] == ["again: True ()", "as fresh: True"]
