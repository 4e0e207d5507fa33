"""The manifest: what it believes of a file, what survives a crash, and what it says of damage."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import DiskFull, StoreDamaged, StoreError
from indexer.fragment import Entry, Skipped, SourceFile
from indexer.index.manifest import Manifest
from indexer.skip_reason import SkipKind, SkipReason
from tests import unprivileged
from tests.indexes import child
from tests.support.waiting import LIMIT

SECOND = 1_000_000_000
NOON = 1_700_000_000 * SECOND + 123_456_789
"""A time stamp as a modern file system gives them."""
BINARY = SkipReason(SkipKind.BINARY, "image (.png)")
NOW = NOON + 3_600 * SECOND


def entry(
    path: str = "a.py", *, mtime: int = NOON, seen: int = NOON + SECOND, why: SkipReason | None = None
) -> Entry:
    return Entry(path, 10, mtime, seen, "d1", "python", 3, 2, why)


def on_disk(mtime: int = NOON, size: int = 10) -> SourceFile:
    return SourceFile("a.py", Path("/r/a.py"), size, mtime)


def test_a_row_is_believed_while_size_and_time_are_the_same() -> None:
    """Another size or another time, earlier or later, and the file is looked at."""
    assert entry().is_current(on_disk(), NOW)
    assert not entry().is_current(on_disk(size=11), NOW)
    assert not entry().is_current(on_disk(NOON + 1), NOW)
    assert not entry().is_current(on_disk(NOON - 1), NOW)


def test_a_row_is_not_believed_if_the_file_was_fresh_when_read() -> None:
    """A second write within the same tick of the file system's clock leaves the time as it was."""
    assert not entry(seen=NOON + 5_000_000).is_current(on_disk(), NOW)
    assert not entry(seen=NOON - SECOND).is_current(on_disk(), NOW), "a clock that was set back"
    whole = NOON - NOON % SECOND
    assert not entry(mtime=whole, seen=whole + SECOND).is_current(on_disk(whole), NOW), "some tick by seconds"
    assert entry(mtime=whole, seen=whole + 3 * SECOND).is_current(on_disk(whole), NOW)


def test_a_row_is_not_believed_under_another_stamp() -> None:
    """Same size and time, but another inode or time of change: it was written over, or replaced."""
    assert not entry().is_current(replace(on_disk(), stamp=7), NOW)
    assert replace(entry(), stamp=7).is_current(replace(on_disk(), stamp=7), NOW)


def test_a_row_is_not_believed_by_a_clock_that_was_set_back() -> None:
    """What was read later than now says nothing about what may have happened since."""
    assert not entry().is_current(on_disk(), NOON)


def test_the_number_of_changes_differs_between_manifests(tmp_path: Path) -> None:
    """What was computed from one is not taken for the state of the next, as after a rebuild."""
    with closing(Manifest(tmp_path / "old")) as old, closing(Manifest(tmp_path / "new")) as new:
        start = old.changes
        old.set_meta(a="1")
        new.set_meta(a="1")
        assert old.changes == start + 1
        assert new.changes != old.changes


def test_what_is_recorded_is_there_after_opening_again(tmp_path: Path) -> None:
    """Rows, facts and totals outlive the process."""
    manifest = Manifest(tmp_path / "m")
    manifest.record([entry("a.py"), entry("b.py"), entry("c.py", why=BINARY)])
    manifest.set_meta(repo="r", dim="256")
    manifest.set_meta(repo="s")
    manifest.close()
    manifest.close()
    again = Manifest(tmp_path / "m")
    assert again.entries() == {e.path: e for e in (entry("a.py"), entry("b.py"), entry("c.py", why=BINARY))}
    assert (again.get("repo"), again.get("dim"), again.get("unknown")) == ("s", "256", "")
    assert again.entry("a.py") == entry("a.py")
    assert again.entry("x.py") is None
    assert again.paths() == ["a.py", "b.py"]
    assert list(again.skipped()) == [Skipped("c.py", BINARY)]
    assert again.totals() == {"python": (2, 6, 4)}
    assert again.points() == 8
    again.close()


def test_pending_lasts_until_recorded(tmp_path: Path) -> None:
    """A batch that was begun is known as half written until it is recorded or removed."""
    manifest = Manifest(tmp_path / "m")
    manifest.record([entry("a.py")])
    manifest.mark_pending(["a.py", "b.py", "c.py"])
    manifest.mark_pending(["a.py"])
    assert manifest.pending() == {"a.py", "b.py", "c.py"}
    assert manifest.points() == 0
    manifest.record([entry("a.py")], removed=["b.py"])
    assert manifest.pending() == {"c.py"}
    assert manifest.points() == 4
    manifest.close()


def test_a_killed_writer_loses_nothing_that_was_recorded(tmp_path: Path) -> None:
    """SIGKILL right after `record` returned: the row is there."""
    code = """
        import os, signal, sys
        from pathlib import Path
        from indexer.index.manifest import Manifest
        from indexer.fragment import Entry
        manifest = Manifest(Path(sys.argv[1]))
        manifest.mark_pending(["b"])
        manifest.record([Entry("a", 1, 2, 3, "d", "python", 1, 1)])
        os.kill(os.getpid(), signal.SIGKILL)
    """
    with child(code, tmp_path / "m") as process:
        process.communicate(timeout=LIMIT)
    assert process.returncode == -9
    manifest = Manifest(tmp_path / "m")
    assert set(manifest.entries()) == {"a"}
    assert manifest.pending() == {"b"}
    manifest.close()


def test_an_interrupted_transaction_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a batch: none of it is recorded, and the manifest goes on working."""

    def torn() -> list[Entry]:
        raise KeyboardInterrupt

    manifest = Manifest(tmp_path / "m")
    with pytest.raises(KeyboardInterrupt):
        manifest.mark_pending(path if path < "c" else torn() for path in "abcd")
    assert manifest.pending() == frozenset()
    manifest._db.execute("BEGIN IMMEDIATE")  # as if it had come right after
    manifest.mark_pending(["a"])
    assert manifest.pending() == {"a"}
    manifest.close()


def test_distrust_has_every_file_read_again(tmp_path: Path) -> None:
    """All rows stay, so that their points are known, but none is believed, not even one from before 1970."""
    old = -5 * SECOND + 1
    manifest = Manifest(tmp_path / "m")
    manifest.record([entry(), replace(entry("b.py", mtime=old, seen=NOON), why=BINARY)])
    manifest.invalidate_all(settings="new")
    rows = manifest.entries()
    assert manifest.get("settings") == "new"
    assert not rows["a.py"].is_current(on_disk(), NOW)
    assert not rows["b.py"].is_current(SourceFile("b.py", Path("/r/b.py"), 10, old), NOW)
    assert (rows["a.py"].fragments, rows["a.py"].digest) == (3, "")
    manifest.close()


@pytest.mark.parametrize("damage", ["garbage", "text", "half", "foreign", "newer"])
def test_something_else_is_told_from_a_manifest(tmp_path: Path, damage: str) -> None:
    """Garbage, a torn file, another program's database, another version's: StoreDamaged, and not touched."""
    path = tmp_path / "m"
    if damage in ("half", "newer"):
        manifest = Manifest(path)
        manifest.record([entry(f"{n}.py") for n in range(500)])
        if damage == "newer":
            manifest._db.execute("PRAGMA user_version = 99")
        manifest.close()
    if damage == "half":
        path.write_bytes(path.read_bytes()[:9000])
    if damage == "garbage":
        path.write_bytes(bytes(range(256)) * 40)
    if damage == "text":
        path.write_text("to do: buy flour\n" * 100)
    if damage == "foreign":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE files (name TEXT)")
        other.close()
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match=str(path)), closing(Manifest(path)) as manifest:
        manifest.entries()
    assert path.read_bytes() == before


def test_an_unknown_reason_is_damage(tmp_path: Path) -> None:
    """No version that writes this format knows it: the row has been overwritten."""
    with closing(Manifest(tmp_path / "m")) as manifest:
        manifest.record([entry("a.py", why=BINARY)])
        manifest._db.execute("UPDATE files SET why = 'BIMARY x'")
        with pytest.raises(StoreDamaged, match="unknown reason"):
            list(manifest.skipped())
        with pytest.raises(StoreDamaged, match="unknown reason"):
            manifest.entry("a.py")


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    """SQLite finds no space: DiskFull, nothing recorded, and it works again when there is some."""
    manifest = Manifest(tmp_path / "m")
    pages = manifest._db.execute("PRAGMA page_count").fetchone()[0]
    manifest._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="no space left"):
        manifest.record([entry(f"{n}.py") for n in range(5000)])
    assert manifest.entries() == {}
    manifest._db.execute("PRAGMA max_page_count = 1000000")
    manifest.record([entry()])
    assert set(manifest.entries()) == {"a.py"}
    manifest.close()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """No folder, a folder in the way, a closed manifest: a StoreError that names the file."""
    with pytest.raises(StoreError, match="check that the folder is writable"):
        Manifest(tmp_path / "missing" / "m")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="folder"):
        Manifest(tmp_path / "folder")
    manifest = Manifest(tmp_path / "m")
    manifest.close()
    with pytest.raises(StoreError, match="closed"):
        manifest.get("repo")


def test_a_read_only_manifest_is_said() -> None:
    """Another user's manifest can be read as far as SQLite allows, and writing to it is a StoreError."""
    code = """
        import sys
        from pathlib import Path
        try:
            manifest = Manifest(Path(sys.argv[1]))
        except StoreError as error:
            print(error)
        else:
            try:
                manifest.set_meta(a="b")
            except StoreError as error:
                print(error)
            manifest.close()
    """
    with unprivileged.folder() as place:
        Manifest(place / "m").close()
        (place / "m").chmod(0o444)
        place.chmod(0o555)
        before = "from indexer.index.manifest import Manifest; from indexer.errors import StoreError"
        assert "check that the folder is writable" in unprivileged.run(code, place / "m", before=before)
        place.chmod(0o755)
