"""An index folder: whose it is, what is thrown away and said, and how it goes."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from indexer.catalog import (
    INFO,
    MANIFEST,
    SHARD,
    Info,
    all_indexes,
    find_root,
    folder_of,
    read_info,
    remove,
    repo_of,
)
from indexer.errors import IndexMissing, ModelError, StoreBusy, StoreDamaged, StoreError, Unsupported
from indexer.index import Index
from indexer.manifest import Manifest
from indexer.pipeline import update
from indexer.store import EVERYTHING, Filter, Match, StoreConfig, open_store
from tests import unprivileged
from tests.indexes import GO, PYTHON, config, contents, is_as_fresh, refresh
from tests.repositories import git, isolate, repository, write


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small folder of code; the indexes go to `home` beside it."""
    isolate(monkeypatch, tmp_path / "user")
    return write(tmp_path / "root", {"bakery.py": PYTHON, "post.go": GO})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_each_root_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """Readable, different for folders of one name, and valid whatever the root is called."""
    a, b = (folder_of(Path(place), tmp_path) for place in ("/a/django", "/b/django"))
    assert a != b
    assert a.name.startswith("django-")
    assert a.parent == b.parent == tmp_path / "indexes"
    for odd in (
        "/",
        "/a/..b",
        "/x/" + "n" * 300,
        "/x/Ödland и 日本",
        "/x/new\nline",
        os.fsdecode(b"/x/\xff"),
    ):
        assert folder_of(Path(odd), tmp_path).name.isascii()
        assert len(folder_of(Path(odd), tmp_path).name) < 60


def test_the_root_is_the_nearest_index_or_repository(root: Path, home: Path) -> None:
    """Else the folder itself; a folder that was indexed by name is a root although it is inside another."""
    inner = root / "a" / "b"
    inner.mkdir(parents=True)
    assert find_root(inner, home) == inner
    repository(root)
    assert find_root(inner, home) == root
    Index.open(root / "a", config(home)).close()
    assert find_root(inner, home) == root / "a"


def test_the_repository_is_named_by_its_remote(root: Path, home: Path) -> None:
    """Without credentials; by a hash of its path where there is none that names anything elsewhere."""
    local = repo_of(root, config(home))
    assert local.startswith("local/")
    assert repo_of(root, config(home, name="mine")) == "mine"
    repository(root)
    assert repo_of(root, config(home)) == local
    git(root, "remote", "add", "origin", "/srv/code.git")
    assert repo_of(root, config(home)) == local
    git(root, "remote", "set-url", "origin", "https://me:secret@example.org/team/code.git")
    assert repo_of(root, config(home)) == "example.org/team/code"


def test_a_link_to_a_root_is_that_root(root: Path, home: Path, tmp_path: Path) -> None:
    """Both ways lead to one index."""
    (tmp_path / "link").symlink_to(root)
    refresh(root, home)
    assert refresh(tmp_path / "link", home).unchanged == 2


def test_there_must_be_an_index_where_none_may_be_made(root: Path, home: Path) -> None:
    """`create=False` leaves no trace of having looked."""
    with pytest.raises(IndexMissing, match="run `cornea index"):
        Index.open(root, config(home), create=False)
    assert not home.exists()


def test_one_process_holds_it_and_lets_go(root: Path, home: Path) -> None:
    """A second opening is refused with the holder's number until the first is closed."""
    with Index.open(root, config(home)) as index:
        update(index)
        with pytest.raises(StoreBusy) as caught:
            Index.open(root, config(home))
        assert caught.value.pid == os.getpid()
        index.close()
        index.close()
    Index.open(root, config(home)).close()


def test_closing_goes_through_although_a_step_fails(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that cannot flush is said, and the lock is free all the same."""

    def fail() -> None:
        raise StoreError("cannot write")

    index = Index.open(root, config(home))
    close = index.store.close
    monkeypatch.setattr(index.store, "close", fail)
    with pytest.raises(StoreError, match="cannot write"):
        index.close()
    close()
    Index.open(root, config(home)).close()


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
        assert report.remarks[0].endswith("; the index is built anew")
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
        assert "is gone; the index is built anew" in index.remarks[0]
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
    assert "does not say whose index it is" in refresh(root, home).remarks[0]
    assert (folder_of(root, home) / "damaged" / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "other"}, "changed: repo other (was repo local/"),
        ({"store_url": ":memory:"}, "changed: store :memory: (was store embedded)"),
    ],
)
def test_what_the_points_depend_on_changes(
    root: Path, home: Path, change: dict[str, str], words: str
) -> None:
    """Another name or another store: built anew, saying what changed, and nothing is kept of the old."""
    refresh(root, home)
    report = refresh(root, home, **change)
    assert words in report.remarks[0]
    assert report.added == 2
    assert not (folder_of(root, home) / SHARD).exists() or not change.get("store_url")
    assert not (folder_of(root, home) / "discarded").exists()


@pytest.mark.parametrize("change", [{"store_url": "http://127.0.0.1:9"}, {"model": "no/such-model"}])
def test_what_cannot_be_used_does_not_cost_the_index(root: Path, home: Path, change: dict[str, str]) -> None:
    """A server that does not answer or a model that does not load is an error; the old index stays whole."""
    refresh(root, home)
    with pytest.raises((StoreError, ModelError, Unsupported)):
        refresh(root, home, **change)
    report = refresh(root, home)
    assert (report.remarks, report.touched) == ((), 0)
    assert is_as_fresh(root, home, home / "fresh")


def test_an_index_inside_its_root_is_no_part_of_it(root: Path) -> None:
    """The home folder may be in the repository: its files are not indexed, nothing changes by indexing."""
    home = root / "var" / "cornea"
    assert refresh(root, home).added == 2
    assert refresh(root, home).touched == 0


def test_another_version_of_the_schema_or_model(root: Path, home: Path) -> None:
    """Points that this version would answer differently are not mixed with new ones."""
    refresh(root, home)
    manifest = Manifest(folder_of(root, home) / MANIFEST)
    manifest.note(fingerprint=manifest.get("fingerprint").replace("schema 2", "schema 0"))
    manifest.close()
    assert "schema 2 (was schema 0); the index is built anew" in refresh(root, home).remarks[0]
    manifest = Manifest(folder_of(root, home) / MANIFEST)
    manifest.note(encoder="old-model")
    manifest.close()
    report = refresh(root, home)
    assert report.remarks[0].startswith("the embedding model changed from old-model to static-code")
    assert report.added == 2
    assert is_as_fresh(root, home, home / "fresh")


def test_a_shard_of_another_process_is_no_damage(root: Path, home: Path) -> None:
    """The engine's own lock held elsewhere is busy, not damaged: nothing is thrown away."""
    refresh(root, home)
    with Index.open(root, config(home)) as index:
        _ = index.store
        index._lock.release()
        with Index.open(root, config(home)) as second, pytest.raises(StoreBusy):
            _ = second.store
    assert refresh(root, home).unchanged == 2


def test_a_folder_that_cannot_be_made_or_written(root: Path, tmp_path: Path) -> None:
    """A file in the way, or no rights: one line that says what to set."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="set CORNEA_HOME"):
        Index.open(root, config(tmp_path / "file"))
    code = """
        import sys
        from pathlib import Path
        for home in sys.argv[2:]:
            try:
                Index.open(Path(sys.argv[1]), Config(home=Path(home)))
            except StoreError as error:
                print(error)
    """
    with unprivileged.folder() as place:
        (place / "code").mkdir()
        write(place, {"closed/indexes/x": ""})
        (place / "closed" / "indexes").chmod(0o555)
        shut = folder_of(place / "code", place / "shut")
        shut.mkdir(parents=True)
        shut.chmod(0o555)
        before = "from indexer.index import Index, Config, StoreError"
        said = unprivileged.run(
            code, place / "code", place / "closed", place / "shut", before=before
        ).splitlines()
        assert len(said) == 2
        assert all("Permission denied" in line for line in said)
        assert "set CORNEA_HOME" in said[0]
        shut.chmod(0o755)


def test_all_indexes_are_found_and_orphans_known(root: Path, home: Path, tmp_path: Path) -> None:
    """Foreign folders and half-removed ones are not among them."""
    other = write(tmp_path / "other", {"a.py": PYTHON})
    for place in (root, other):
        Index.open(place, config(home)).close()
    (home / "indexes" / "foreign").mkdir()
    write(home / "indexes" / "deep", {INFO: "[" * 100_000})
    write(home / "indexes" / "theirs", {INFO: '{"what": "something", "root": "/", "repo": "r"}'})
    assert {info.root for info in all_indexes(home)} == {root, other}
    shutil.rmtree(other)
    assert [info.root for info in all_indexes(home) if info.orphan] == [other]
    assert list(all_indexes(tmp_path / "nothing")) == []


def _info(root: Path, home: Path) -> Info:
    info = read_info(folder_of(root, home))
    assert info is not None
    return info


def test_removing_leaves_nothing_but_the_lock(root: Path, home: Path) -> None:
    """And the next run begins from nothing, without a remark."""
    refresh(root, home)
    remove(_info(root, home), config(home))
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
    remove(_info(root, home), config(home))
    assert (precious / "thesis.txt").exists()
    assert any((tmp_path / "elsewhere").iterdir())
    assert {path.name for path in folder.iterdir()} <= {"index.lock", "notes.txt"}


def test_removing_waits_for_whoever_holds_it(root: Path, home: Path) -> None:
    """An index that is being written is not torn away below its writer."""
    with Index.open(root, config(home)) as index:
        update(index)
        with pytest.raises(StoreBusy):
            remove(_info(root, home), config(home))
        assert update(index).unchanged == 2
    assert len(contents(root, home)) > 0


@pytest.mark.parametrize("steps", range(5))
def test_removing_cut_off_leaves_nothing_that_looks_like_an_index(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """After any number of deletions a crash leaves no index behind, and the next run is as a first one."""
    from indexer import catalog

    left = steps

    def cut(path: Path, **options: bool) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        clear_away(path, **options)

    refresh(root, home)
    clear_away = catalog.clear_away
    with monkeypatch.context() as patch:
        patch.setattr(catalog, "clear_away", cut)
        with pytest.raises(KeyboardInterrupt):
            remove(_info(root, home), config(home))
    assert [info.root for info in all_indexes(home)] == [root] * (steps == 0)
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")


def test_throwing_away_cut_off_leaves_nothing_half_believed(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild that dies before the old shard is out of the way does not mix it with the new."""
    refresh(root, home)
    with Index.open(root, config(home)) as index, monkeypatch.context() as patch:
        patch.setattr(index, "_set_shard_aside", lambda name: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            update(index, rebuild=True)
    report = refresh(root, home)
    assert report.added == 2
    assert is_as_fresh(root, home, home / "fresh")


def test_a_store_that_stays_damaged_is_an_error(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built anew once and damaged again: no endless loop."""

    def broken(self: Index) -> None:
        raise StoreDamaged("the disk forgets")

    monkeypatch.setattr(Index, "_opened", broken)
    with Index.open(root, config(home)) as index, pytest.raises(StoreDamaged, match="the disk forgets"):
        update(index)
