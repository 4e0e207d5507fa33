"""Indexing a commit out of git's objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.config import Config
from indexer.errors import UsageError
from indexer.fragment import Skipped
from indexer.index.index import Index
from indexer.pipeline import update
from indexer.skip_reason import SkipKind, SkipReason
from indexer.store import EVERYTHING
from indexer.walk.revision import Blobs, Revision
from indexer.walk.walk import WalkOptions
from tests.repositories import git, isolate, repository, write

FIRST = {
    "a.py": "def first():\n    return 1\n",
    "b.py": "def second():\n    return 2\n",
    "node_modules/x.js": "function x() {}\n",
    "data.png": "x",
}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits: the second changes one file, removes one and adds one. Beside it, a bare clone."""
    isolate(monkeypatch, tmp_path / "home")
    root = repository(tmp_path / "work", FIRST)
    write(root, {"b.py": "def better():\n    return 22\n", "c/d.py": "def third():\n    return 3\n"})
    (root / "a.py").unlink()
    git(root, "add", "-A")
    git(root, "commit", "-qm", "two")
    git(tmp_path, "clone", "-q", "--bare", "work", "bare.git")
    return root


def _symbols(index: Index) -> set[str]:
    return {symbol for r in index.store.scroll(EVERYTHING) if (symbol := str(r.payload.get("symbol", "")))}


def test_the_files_of_a_commit(work: Path) -> None:
    """What is committed counts, not what is on disk; names and folders are judged as in a walk."""
    write(work, {"uncommitted.py": "x = 1\n"})
    found = Revision(work, "HEAD~1").files(WalkOptions())
    assert [item.path for item in found] == ["a.py", "b.py", "data.png", "node_modules/x.js"]
    assert [type(item) is Skipped for item in found] == [False, False, True, True]
    chosen = Revision(work).files(WalkOptions(exclude=("c/",), include=("data.png",)))
    assert [item.path for item in chosen if not isinstance(item, Skipped)] == ["b.py", "data.png"]


@pytest.mark.parametrize("clone", ["work", "bare.git"])
def test_an_index_moves_from_commit_to_commit(work: Path, clone: str, tmp_path: Path) -> None:
    """Only what differs between two commits is analysed, forwards and back, also in a bare clone."""
    root, config = work.parent / clone, Config(home=tmp_path / "indexes")
    with Index.open(root, config, revision=Revision(root, "HEAD~1")) as index:
        assert update(index).added == 2
        assert _symbols(index) == {"first", "second"}
    with Index.open(root, config, revision=Revision(root, "HEAD")) as index:
        report = update(index)
        assert (report.added, report.changed, report.removed) == (1, 1, 1)
        assert _symbols(index) == {"better", "third"}
        assert update(index).touched == 0
    with Index.open(root, config, revision=Revision(root, "HEAD~1")) as index:
        update(index)
        assert _symbols(index) == {"first", "second"}


def test_the_work_tree_has_an_index_of_its_own(work: Path, tmp_path: Path) -> None:
    """Moving through commits leaves the work tree's index alone."""
    config = Config(home=tmp_path / "indexes")
    with Index.open(work, config) as index:
        update(index)
    with Index.open(work, config, revision=Revision(work, "HEAD~1")) as index:
        update(index)
    with Index.open(work, config) as index:
        assert update(index).touched == 0
        assert _symbols(index) == {"better", "third"}


def test_unknown_commits_are_said(work: Path, tmp_path: Path) -> None:
    """A revision that does not exist, looks like an option, or a folder without git: one line each."""
    for name in ("nowhere", "--all", "HEAD:b.py"):
        with pytest.raises(UsageError, match="no commit"):
            Revision(work, name)
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError):
        Revision(tmp_path / "plain", "HEAD")


def test_contents_by_id(work: Path) -> None:
    """Contents come back exactly; one that the clone lacks is None, and the reader goes on."""
    blob = git(work, "rev-parse", "HEAD:b.py").decode().strip()
    with Blobs(work) as blobs:
        assert blobs.read("0" * 40) is None
        assert blobs.read(blob) == b"def better():\n    return 22\n"


def test_a_commit_has_its_own_attributes(work: Path) -> None:
    """Each commit's files are judged by the .gitattributes of that commit, not by those on disk."""
    write(work, {
        ".gitattributes": "b.py linguist-generated\n*.inc linguist-language=Go\n",
        "c/.gitattributes": "*_pb2.py -linguist-generated\n", "c/x_pb2.py": "", "c/a.inc": "", "x_pb2.py": "",
    })  # fmt: skip
    git(work, "add", "-A")
    git(work, "commit", "-qm", "three")
    write(work, {".gitattributes": "* linguist-generated\n"})
    found = {item.path: item for item in Revision(work).files(WalkOptions())}
    assert found["b.py"] == Skipped(
        "b.py", SkipReason(SkipKind.GENERATED, ".gitattributes:1: b.py linguist-generated")
    )
    assert isinstance(found["x_pb2.py"], Skipped)
    inner, written = found["c/a.inc"], found["c/x_pb2.py"]
    assert not isinstance(inner, Skipped)
    assert not isinstance(written, Skipped)
    assert (inner.language, written.written) == ("Go", True)
    before = {item.path: item for item in Revision(work, "HEAD~1").files(WalkOptions())}
    assert not isinstance(before["b.py"], Skipped)
