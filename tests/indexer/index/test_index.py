"""An index's folder: whose it is, who holds it, and what its points depend on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cornea.context import find_root
from indexer.errors import IndexMissing, ModelError, StoreBusy, StoreError, Unsupported
from indexer.index.catalog import MANIFEST, folder_of, repo_of
from indexer.index.index import Index
from indexer.index.manifest import Manifest
from indexer.pipeline import update
from indexer.store import SCHEMA_VERSION
from indexer.store.storage import SHARD
from tests import unprivileged
from tests.indexes import config, is_as_fresh, refresh
from tests.repositories import git, repository, write


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
    """Another name or another store: rebuilt, saying what changed, and nothing is kept of the old."""
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
    manifest.set_meta(fingerprint=manifest.get("fingerprint").replace(f"schema {SCHEMA_VERSION}", "schema 0"))
    manifest.close()
    assert f"schema {SCHEMA_VERSION} (was schema 0); the index is rebuilt" in refresh(root, home).remarks[0]
    manifest = Manifest(folder_of(root, home) / MANIFEST)
    manifest.set_meta(encoder="old-model")
    manifest.close()
    report = refresh(root, home)
    assert report.remarks[0].startswith("the embedding model changed from old-model to static-code")
    assert report.added == 2
    assert is_as_fresh(root, home, home / "fresh")


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
        before = "from indexer.index.index import Index, Config, StoreError"
        said = unprivileged.run(
            code, place / "code", place / "closed", place / "shut", before=before
        ).splitlines()
        assert len(said) == 2
        assert all("Permission denied" in line for line in said)
        assert "set CORNEA_HOME" in said[0]
        shut.chmod(0o755)
