"""Folders that are damaged, foreign or half made: said, set aside, rebuilt."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from indexer.errors import StoreBusy, StoreDamaged
from indexer.index.catalog import INFO, MANIFEST, folder_of
from indexer.index.index import Index
from indexer.pipeline import update
from indexer.store import EVERYTHING, Filter, Match, StoreConfig
from indexer.store.storage import SHARD, Storage, open_store
from tests.indexes import config, contents, is_as_fresh, refresh
from tests.repositories import write

DAMAGES = {
    "no manifest": lambda folder: (folder / MANIFEST).unlink(),
    "an empty manifest": lambda folder: os.truncate(folder / MANIFEST, 0),
    "half a manifest": lambda folder: os.truncate(folder / MANIFEST, 9000),
    "garbage for a manifest": lambda folder: (folder / MANIFEST).write_bytes(
        random.Random(1).randbytes(9000)
    ),
    "garbage inside the manifest": lambda folder: _overwrite(folder / MANIFEST, 4096, 8192),
    "no shard": lambda folder: shutil.rmtree(folder / SHARD),
    "an empty shard": lambda folder: (shutil.rmtree(folder / SHARD), (folder / SHARD).mkdir()),
    "a file for a shard": lambda folder: (shutil.rmtree(folder / SHARD), (folder / SHARD).write_text("x")),
    "somebody's folder for a shard": lambda folder: _replace(folder / SHARD, {"thesis.txt": "x"}),
    "half a log": lambda folder: [
        os.truncate(p, p.stat().st_size // 2) for p in (folder / SHARD).glob("wal/open*")
    ],
    "half of every file": lambda folder: [
        os.truncate(p, p.stat().st_size // 2) for p in (folder / SHARD).rglob("*") if p.is_file()
    ],
    "lost points": lambda folder: _lose_points(folder / SHARD),
    "no description": lambda folder: (folder / INFO).unlink(),
    "a torn description": lambda folder: (folder / INFO).write_text('{"what": "cornea in'),
    "a folder for a description": lambda folder: ((folder / INFO).unlink(), (folder / INFO).mkdir()),
    "another root's description": lambda folder: _overwrite_root(folder / INFO),
}


def _overwrite(path: Path, start: int, end: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(start)
        stream.write(random.Random(2).randbytes(end - start))


def _lose_points(shard: Path) -> None:
    store = open_store(StoreConfig(shard, 256, reserve_bytes=0))
    store.delete(Filter((Match("path", ("post.go",)), Match("kind", ("function",)))))
    store.close()


def _replace(folder: Path, files: dict[str, str | bytes]) -> None:
    shutil.rmtree(folder)
    write(folder, files)


def _overwrite_root(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"root": "/somewhere/else"}))


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_built_anew_and_said(root: Path, home: Path, damage: str) -> None:
    """Whatever is torn or foreign: one run later all answers are there again, and one line said why."""
    refresh(root, home)
    whole = contents(root, home)
    DAMAGES[damage](folder_of(root, home))
    report = refresh(root, home)
    harmless = damage == "half a log" and not report.remarks  # the engine may not need that part of it
    if not harmless:
        assert len(report.remarks) == 1, report.remarks
        assert report.remarks[0].endswith("; the index is rebuilt")
        assert "\n" not in report.remarks[0]
        assert report.added == 2
    assert contents(root, home) == whole
    assert refresh(root, home).remarks == ()


def test_damage_found_by_a_search_is_built_anew_by_the_next_update(root: Path, home: Path) -> None:
    """Who opens the store without updating gets an empty one, and can see that all was thrown away."""
    refresh(root, home)
    shutil.rmtree(folder_of(root, home) / SHARD)
    with Index.open(root, config(home)) as index:
        assert index.generation == 0
        assert index.store.count(EVERYTHING) == 0
        assert index.generation == 1
        assert "is gone; the index is rebuilt" in index.remarks[0]
        assert update(index).added == 2


def test_a_shard_that_was_never_finished_is_no_damage(root: Path, home: Path) -> None:
    """Killed while the engine made its files: the next run makes them again, and has nothing to say."""
    Index.open(root, config(home)).close()
    write(folder_of(root, home) / SHARD, {"wal/first-index": "", "segments/x/segment.json": "{"})
    report = refresh(root, home)
    assert (report.added, report.remarks) == (2, ())


def test_a_foreign_folder_in_the_way_is_kept(root: Path, home: Path) -> None:
    """Somebody else's files where the shard should be are moved aside, not deleted."""
    write(folder_of(root, home) / SHARD, {"thesis.txt": "years of work"})
    assert "does not say which root it belongs to" in refresh(root, home).remarks[0]
    assert (folder_of(root, home) / "damaged" / "thesis.txt").read_text() == "years of work"


def test_a_shard_of_another_process_is_no_damage(root: Path, home: Path) -> None:
    """The engine's own lock held elsewhere is busy, not damaged: nothing is thrown away."""
    refresh(root, home)
    with Index.open(root, config(home)) as index:
        _ = index.store
        index._lock.release()
        with Index.open(root, config(home)) as second, pytest.raises(StoreBusy):
            _ = second.store
    assert refresh(root, home).unchanged == 2


def test_throwing_away_cut_off_leaves_nothing_half_believed(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild that dies before the old shard is out of the way does not mix it with the new."""
    refresh(root, home)
    with Index.open(root, config(home)) as index, monkeypatch.context() as patch:
        patch.setattr(Storage, "set_aside", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            update(index, rebuild=True)
    report = refresh(root, home)
    assert report.added == 2
    assert is_as_fresh(root, home, home / "fresh")


def test_a_store_that_stays_damaged_is_an_error(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebuilt once and damaged again: no endless loop."""

    def broken(self: Index) -> None:
        raise StoreDamaged("the disk forgets")

    monkeypatch.setattr(Index, "_open_checked", broken)
    with Index.open(root, config(home)) as index, pytest.raises(StoreDamaged, match="the disk forgets"):
        update(index)
