"""git that is missing, refuses, hangs, dies or talks nonsense: said with a remedy, and nothing is lost."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from indexer.config import Config
from indexer.errors import UsageError
from indexer.fragment import SourceFile
from indexer.index.catalog import repo_of
from indexer.index.commits import past
from indexer.index.index import Index
from indexer.pipeline import update
from indexer.walk import git, git_patches
from indexer.walk.revision import Blobs, Revision
from indexer.walk.walk import WalkOptions, walk
from tests.repositories import DISTRUSTFUL, fake_git, isolate, repository, write
from tests.repositories import git as real_git

PY = "def f():\n    return 1\n"
INVALID_OUTPUT = 'printf "\\377\\000garbage\\n\\001"'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tracked files below an ignored and a hidden folder, and one that is ignored and not tracked."""
    isolate(monkeypatch, tmp_path / "home")
    files = {"a.py": PY, "out/b.py": PY, ".ci/c.py": PY, ".gitignore": "out/\nlog.py\n"}
    root = repository(tmp_path / "r", files)
    real_git(root, "remote", "add", "origin", "https://example.org/team/code.git")
    write(root, {"log.py": PY, "out/new.py": PY, "new.py": PY})
    return root


TOLD = [
    (DISTRUSTFUL, "git config --global --add safe.directory "),
    ("exit 129", "git is too old (2.25 or newer is needed)"),
    ("kill -9 $$", "git was killed by signal 9"),
    ("echo 'fatal: out of memory' >&2; exit 128", "git failed: out of memory"),
    (INVALID_OUTPUT, "git gave an unexpected answer"),
    ("exit 0", "git gave an unexpected answer"),
]


@pytest.mark.parametrize(("script", "told"), TOLD)
def test_an_index_keeps_what_is_tracked(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    """Nothing is removed because git does not answer, the name stays, and the reason is a remark."""
    config = Config(home=tmp_path / "indexes")
    with Index.open(root, config) as index:
        assert (update(index).added, index.repo) == (5, "example.org/team/code")
    fake_git(monkeypatch, tmp_path / "bin", script)
    with Index.open(root, config) as index:
        report = update(index)
        assert (report.touched, report.unchanged, index.repo) == (0, 5, "example.org/team/code")
    assert [told in remark for remark in report.remarks] == [True]
    assert report.remarks[0].startswith(f"{root}: git ")


@pytest.mark.parametrize(("script", "told"), TOLD)
def test_a_past_that_cannot_be_read_says_why(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    """`locate` goes on without history, and says what to do; a commit asked for by name is an error."""
    fake_git(monkeypatch, tmp_path / "bin", script)
    found = past(root, tmp_path)
    assert not found.commits
    assert found.missing
    assert told in found.missing
    with pytest.raises(UsageError) as raised:
        Revision(root, "HEAD")
    assert told in str(raised.value) or script == "exit 129"


def test_without_git_what_is_tracked_is_known(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below a root and below a folder of it; where git's own list cannot be read, that is said."""
    expected = {"a.py", "out/b.py", ".ci/c.py", "new.py", ".gitignore"}
    assert {f.path for f in walk(root) if isinstance(f, SourceFile)} == expected
    monkeypatch.setenv("PATH", str(tmp_path))
    assert {f.path for f in walk(root) if isinstance(f, SourceFile)} == expected
    (root / ".git" / "index").write_bytes(b"garbage")
    items = list(walk(root))
    assert {f.path for f in items if isinstance(f, SourceFile)} == {"a.py", "new.py"}
    reason = "git is not installed; tracked files are left out if an ignore rule matches them"
    assert [f.reason for f in items if f.path == ".git/" and not isinstance(f, SourceFile)] == [reason]


def test_a_folder_below_a_refused_repository(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root may be a folder in the repository."""
    write(root, {"sub/d.py": PY, "sub/out/e.py": PY})
    real_git(root, "add", "-f", "sub")
    fake_git(monkeypatch, tmp_path / "bin", DISTRUSTFUL)
    assert {f.path for f in walk(root / "sub") if isinstance(f, SourceFile)} == {"d.py", "out/e.py"}


def test_a_broken_git_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.git` that leads nowhere is told of, and the files are found all the same."""
    isolate(monkeypatch, tmp_path / "home")
    (tmp_path / "r").mkdir()
    root = write(tmp_path / "r", {".git": "gitdir: /nowhere\n", "a.py": PY})
    items = {item.path: item for item in walk(root)}
    assert isinstance(items["a.py"], SourceFile)
    assert "git sees no repository here" in items[".git/"].reason  # type: ignore[union-attr]
    assert "git sees no repository here" in past(root, tmp_path).missing


def test_a_lock_on_the_index_is_no_matter(root: Path) -> None:
    """Another git may be at work, or was killed: what is only read needs no lock."""
    (root / ".git" / "index.lock").touch()
    assert isinstance(git.list_files(root), git.GitListing)


def test_a_git_that_hangs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way of asking gives up in the end."""
    blob = real_git(root, "rev-parse", "HEAD:a.py").decode().strip()
    commit = real_git(root, "rev-parse", "HEAD").decode().strip()
    fake_git(monkeypatch, tmp_path / "bin", "exec sleep 600")
    monkeypatch.setattr(git, "TIMEOUT", 0.2)
    assert git_patches.hunks(root, [commit]) == {}
    with Blobs(root) as blobs, pytest.raises(OSError, match="did not answer"):
        blobs.read(blob)


@pytest.mark.parametrize("script", ["exit 1", INVALID_OUTPUT, "kill -9 $$", "cat"])
def test_a_reader_of_contents_that_dies(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """It is an error of that file, and the next one is asked for again."""
    blob = real_git(root, "rev-parse", "HEAD:a.py").decode().strip()
    with Blobs(root) as blobs:
        with monkeypatch.context() as patched:
            fake_git(patched, tmp_path / "bin", script)
            with pytest.raises(OSError, match=r"cannot read|Errno"):
                blobs.read(blob)
        assert blobs.read(blob) == PY.encode()


def test_a_damaged_content_costs_one_file(root: Path, tmp_path: Path) -> None:
    """The others of the commit are indexed."""
    write(root, {"a.py": PY + "# a\n", "b.py": PY + "# b\n"})
    real_git(root, "add", "a.py", "b.py")
    real_git(root, "commit", "-qm", "Two")
    blob = real_git(root, "rev-parse", "HEAD:a.py").decode().strip()
    place = root / ".git" / "objects" / blob[:2] / blob[2:]
    place.chmod(0o644)
    place.write_bytes(zlib.compress(b"blob %d\0" % len(PY + "# a\n") + PY.encode() * 9)[:-7])
    revision = Revision(root, "HEAD")
    with Index.open(root, Config(home=tmp_path / "indexes"), revision=revision) as index:
        report = update(index)
        assert report.added == 4
        (skipped,) = index.manifest.skipped()
        path, reason = skipped.path, skipped.reason
    assert path == "a.py"
    assert "cannot read the object" in reason


def test_a_partial_clone_without_contents(root: Path, tmp_path: Path) -> None:
    """Its files are told of as missing; one without folders cannot be listed, and says what to do."""
    real_git(root, "config", "uploadpack.allowFilter", "true")
    for filter in ("blob:none", "tree:0"):
        place = tmp_path / filter.partition(":")[0]
        real_git(tmp_path, "clone", "-q", "--bare", f"--filter={filter}", root.as_uri(), str(place))
    items = Revision(tmp_path / "blob").files(WalkOptions())
    assert {(i.path, getattr(i, "reason", "")) for i in items if i.path.endswith(".py")} == {
        (name, "missing from this clone") for name in ("a.py", "out/b.py", ".ci/c.py")
    }
    with Index.open(
        tmp_path / "blob", Config(home=tmp_path / "indexes"), revision=Revision(tmp_path / "blob")
    ) as index:
        assert "4 of the commit's files: missing from this clone" in update(index).remarks[0]
    with pytest.raises(UsageError, match="git fetch --refetch --no-filter"):
        Revision(tmp_path / "tree").files(WalkOptions())


def test_the_name_of_a_repository_that_was_never_indexed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without git it is that of the folder."""
    fake_git(monkeypatch, tmp_path / "bin", DISTRUSTFUL)
    assert repo_of(root, Config(home=tmp_path / "indexes")).startswith("local/")
