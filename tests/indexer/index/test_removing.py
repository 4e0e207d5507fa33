"""Finding all indexes, and removing some."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from indexer.errors import StoreBusy
from indexer.index.catalog import INFO, IndexInfo, all_indexes, folder_of, read_info, remove_index
from indexer.index.index import Index
from indexer.pipeline import update
from indexer.store.storage import SHARD
from tests.indexes import PYTHON, config, contents, is_as_fresh, refresh
from tests.repositories import write


def test_all_indexes_are_found_and_orphans_known(root: Path, home: Path, tmp_path: Path) -> None:
    """Foreign folders and half-removed ones are not among them."""
    other = write(tmp_path / "other", {"a.py": PYTHON})
    for place in (root, other):
        Index.open(place, config(home)).close()
    (home / "indexes" / "foreign").mkdir()
    write(home / "indexes" / "deep", {INFO: "[" * 100_000})
    write(home / "indexes" / "theirs", {INFO: '{"what": "something", "root": "/", "repo": "r"}'})
    (home / "indexes" / "pipe").mkdir()
    os.mkfifo(home / "indexes" / "pipe" / INFO)  # nobody writes, and nobody may wait for it
    assert {info.root for info in all_indexes(home)} == {root, other}
    shutil.rmtree(other)
    assert [info.root for info in all_indexes(home) if info.orphan] == [other]
    assert list(all_indexes(tmp_path / "nothing")) == []


def _info(root: Path, home: Path) -> IndexInfo:
    info = read_info(folder_of(root, home))
    assert info is not None
    return info


def test_removing_leaves_nothing_but_the_lock(root: Path, home: Path) -> None:
    """And the next run begins from nothing, without a remark."""
    refresh(root, home)
    remove_index(_info(root, home), config(home))
    assert {path.name for path in folder_of(root, home).iterdir()} <= {"index.lock"}
    assert list(all_indexes(home)) == []
    report = refresh(root, home)
    assert (report.added, report.remarks) == (2, ())


def test_removing_deletes_nothing_of_others(root: Path, home: Path, tmp_path: Path) -> None:
    """Links are removed, not what they point to, and files that are not ours stay."""
    precious = write(tmp_path / "precious", {"thesis.txt": "years"})
    refresh(root, home)
    folder = folder_of(root, home)
    (folder / "damaged").symlink_to(precious)
    shutil.move(folder / SHARD, tmp_path / "elsewhere")
    (folder / SHARD).symlink_to(tmp_path / "elsewhere")
    write(folder, {"notes.txt": "mine"})
    remove_index(_info(root, home), config(home))
    assert (precious / "thesis.txt").exists()
    assert any((tmp_path / "elsewhere").iterdir())
    assert {path.name for path in folder.iterdir()} <= {"index.lock", "notes.txt"}


def test_removing_waits_for_whoever_holds_it(root: Path, home: Path) -> None:
    """An index that is being written is not torn away below its writer."""
    with Index.open(root, config(home)) as index:
        update(index)
        with pytest.raises(StoreBusy):
            remove_index(_info(root, home), config(home))
        assert update(index).unchanged == 2
    assert len(contents(root, home)) > 0


@pytest.mark.parametrize("steps", range(5))
def test_removing_cut_off_leaves_nothing_that_looks_like_an_index(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """After any number of deletions a crash leaves no index behind, and the next run is as a first one."""
    from indexer.index import catalog

    left = steps

    def cut(path: Path, **options: bool) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        remove_tree(path, **options)

    refresh(root, home)
    remove_tree = catalog.remove_tree
    with monkeypatch.context() as patch:
        patch.setattr(catalog, "remove_tree", cut)
        with pytest.raises(KeyboardInterrupt):
            remove_index(_info(root, home), config(home))
    assert [info.root for info in all_indexes(home)] == [root] * (steps == 0)
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")
