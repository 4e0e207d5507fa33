"""Compaction beside: questions and answers stay as they are, whatever happens to the process or to us."""

from __future__ import annotations

import errno
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import DiskFull, StoreError
from indexer.index import compaction
from indexer.index.catalog import folder_of
from indexer.index.compaction import Compaction, compact_index, needs_compaction
from indexer.index.index import Index
from indexer.pipeline import ensure, update
from indexer.store import shard_files, storage
from indexer.store.storage import COMPACTED, SHARD, Storage
from tests.indexes import PYTHON, answers, config, contents, is_as_fresh, refresh
from tests.repositories import isolate, write

QUESTIONS = ("f7 return", "Oven.bake", "fold dough")
FILES: dict[str, str | bytes] = {f"f{n}.py": f"def f{n}():\n    return {n}\n" for n in range(600)}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "user")
    return write(tmp_path / "root", FILES | {"bakery.py": PYTHON})


@pytest.fixture
def home(root: Path, tmp_path: Path) -> Path:
    """With an index in it, half of whose points were deleted and others written."""
    home = tmp_path / "home"
    refresh(root, home)
    for n in range(300):
        (root / f"f{n}.py").unlink()
        (root / f"g{n}.py").write_text(f"def g{n}():\n    return {n}\n")
    refresh(root, home)
    return home


def test_all_is_as_before_only_smaller(root: Path, home: Path, tmp_path: Path) -> None:
    """The same points and answers, nothing left lying about, and updates go on."""
    before = contents(root, home), answers(root, home, *QUESTIONS)
    size = shard_files.allocated_bytes(folder_of(root, home) / SHARD)
    with Index.open(root, config(home)) as index:
        assert index.manifest.get_number("written") > 3 * 300
        assert compact_index(index)
        assert index.manifest.get_number("written") == 0
    assert (contents(root, home), answers(root, home, *QUESTIONS)) == before
    assert shard_files.allocated_bytes(folder_of(root, home) / SHARD) < size
    assert not (folder_of(root, home) / COMPACTED).exists()
    write(root, {"bakery.py": PYTHON.replace("    def bake", "\n\n    def bake"), "new.py": "n = 1\n"})
    (root / "f400.py").unlink()
    assert refresh(root, home).touched == 3
    assert is_as_fresh(root, home, tmp_path / "fresh")


def test_what_changed_meanwhile_is_done_again(root: Path, home: Path, tmp_path: Path) -> None:
    """Edits, deletions and new files between the copy and the exchange are in neither lost nor doubled."""
    with Index.open(root, config(home)) as index:
        ensure(index)
        with Compaction(index) as work:
            write(
                root, {"bakery.py": PYTHON.replace("knead", "fold"), "new.py": "def new():\n    return 1\n"}
            )
            (root / "f400.py").unlink()
            assert update(index).touched == 3
            work.wait()
            assert work.finish()
        assert index.manifest.pending() == {"bakery.py", "new.py", "f400.py"}
        ensure(index)
        assert index.manifest.pending() == frozenset()
    assert is_as_fresh(root, home, tmp_path / "fresh")


def test_a_process_that_dies_changes_nothing(root: Path, home: Path) -> None:
    """Killed in the middle, or unable to start: False, and the store serves on."""
    with Index.open(root, config(home)) as index, Compaction(index) as work:
        os.kill(work._process.pid, signal.SIGKILL)
        work.wait()
        assert not work.finish()
        assert index.store.count() > 0
    assert refresh(root, home).remarks == ()
    assert not (folder_of(root, home) / COMPACTED).exists()


def _cut(*_: object) -> None:
    raise KeyboardInterrupt


CUTS: dict[str, Callable[[pytest.MonkeyPatch], Any]] = {
    "before": lambda patch: patch.setattr(compaction, "_changed", _cut),
    "announced": lambda patch: patch.setattr(Index, "complete_exchange", _cut),
    "one moved": lambda patch: patch.setattr(Storage, "_rename", _only(1)),
    "both moved": lambda patch: patch.setattr(storage, "sync", _cut),
}


def _only(times: int) -> Callable[[Storage, Path, Path], None]:
    done = 0

    def rename(_: Storage, place: Path, to: Path) -> None:
        nonlocal done
        if done == times:
            raise KeyboardInterrupt
        done += 1
        place.rename(to)

    return rename


@pytest.mark.parametrize("cut", CUTS)
def test_an_exchange_cut_off_anywhere_is_completed(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """By whoever opens the index next; nothing is thrown away and nothing is said."""
    before = contents(root, home)
    with Index.open(root, config(home)) as index, monkeypatch.context() as patch:
        work = Compaction(index)
        work.wait()
        CUTS[cut](patch)
        with pytest.raises(KeyboardInterrupt):
            work.finish()
        # As after a SIGKILL: nobody cleans up.
        work._process.end()
    report = refresh(root, home)
    assert (report.remarks, report.touched) == ((), 0)
    assert contents(root, home) == before
    assert not (folder_of(root, home) / COMPACTED).exists()


def test_it_needs_room(root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of disk and of memory; nothing is begun where there is too little."""
    with Index.open(root, config(home)) as index:
        monkeypatch.setattr("indexer.limits.free_bytes", lambda folder: 2 << 20)
        with pytest.raises(DiskFull):
            compact_index(index)
        monkeypatch.undo()
        (tmp_path / "meminfo").write_text("MemTotal: 99 kB\nMemAvailable: 1000 kB\n")
        monkeypatch.setattr(compaction, "_MEMINFO", tmp_path / "meminfo")
        with pytest.raises(StoreError, match="not enough memory"):
            compact_index(index)
        monkeypatch.undo()
        monkeypatch.setattr("tempfile.TemporaryFile", _no_descriptor)
        with pytest.raises(StoreError, match="cannot start a compaction"):
            compact_index(index)
        assert not (folder_of(root, home) / COMPACTED).exists()


def _no_descriptor() -> None:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_it_pays_when_much_was_written(root: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half as many points as there are, and not few."""
    with Index.open(root, config(home)) as index:
        assert not needs_compaction(index)
        monkeypatch.setattr(compaction, "MIN_POINTS", 500)
        assert needs_compaction(index)
        assert compact_index(index)
        assert not needs_compaction(index)


def test_copies_keep_their_holes(tmp_path: Path) -> None:
    """A file with a megabyte of nothing between two words, an empty one, one that ends in nothing."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    with (folder / "holes").open("wb") as file:
        file.write(b"begin")
        file.seek(1 << 24)
        file.write(b"end" + random.Random(1).randbytes(3 << 20))
        file.truncate(1 << 25)
    (folder / "empty").touch()
    shard_files.copy(tmp_path / "a", tmp_path / "copy")
    for name in ("holes", "empty"):
        assert (tmp_path / "copy" / "b" / name).read_bytes() == (folder / name).read_bytes()
    assert (
        shard_files.allocated_bytes(tmp_path / "copy")
        <= 2 * shard_files.allocated_bytes(tmp_path / "a")
        < 1 << 24
    )
