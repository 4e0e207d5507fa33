"""The walk: which files there are, of every kind of file and name."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from indexer.errors import UsageError
from indexer.fragment import Skipped, SourceFile, stamp_of
from indexer.walk.walk import WalkOptions, walk
from tests.repositories import repository, write
from tests.support.waiting import processor_seconds

from .walks import paths, skipped


def test_files_come_sorted_with_size_and_time(root: Path) -> None:
    """Every text file below the root, whatever its name, in the order of the paths."""
    write(root, {"b.py": "bb", "a/z.py": "", "a/b/c.txt": "x", "a.py": "", "Makefile": "all:"})
    found = list(walk(root))
    assert [item.path for item in found] == ["Makefile", "a.py", "a/b/c.txt", "a/z.py", "b.py"]
    last = found[-1]
    status = (root / "b.py").stat()
    assert last == SourceFile("b.py", root / "b.py", 2, status.st_mtime_ns, stamp=stamp_of(status))


def test_the_root_may_be_given_in_any_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a slash, relative, through a link or `..`: the same files at the same places."""
    write(root, {"sub/a.py": "a"})
    (root.parent / "link").symlink_to(root)
    monkeypatch.chdir(root.parent)
    expected = list(walk(root))
    for way in (Path("root"), Path("link"), root / "sub" / "..", Path("./root/")):
        assert list(walk(way)) == expected
    monkeypatch.chdir(root)
    assert list(walk(Path())) == expected


def test_a_root_that_is_no_folder_says_what_to_do(tmp_path: Path) -> None:
    """A file, nothing, a broken link, a folder below a file."""
    (tmp_path / "f.py").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("f.py", "missing", "link", "f.py/x"):
        with pytest.raises(UsageError, match="name"):
            list(walk(tmp_path / name))


def test_links_are_never_followed(root: Path, tmp_path: Path) -> None:
    """Inside the root the target is found anyway; outside it is not ours; loops are harmless."""
    write(tmp_path, {"outside/secret.py": ""})
    write(root, {"a/x.py": ""})
    links = {"in.py": "a/x.py", "out.py": "../outside/secret.py", "abs": str(tmp_path / "outside"), "b": "a"}
    links |= {"a/up": "..", "self": "self", "gone": "nowhere", "etc.py": "/etc/hostname", "a/root": str(root)}
    for name, target in links.items():
        (root / name).symlink_to(target)
    assert paths(root) == ["a/x.py"]
    outside = "symlink out of the root"
    expected = {"in.py": "symlink", "out.py": outside, "abs": outside, "b": "symlink", "a/up": "symlink"}
    expected |= {"self": "broken symlink", "gone": "broken symlink", "etc.py": outside, "a/root": "symlink"}
    assert skipped(root) == expected


def test_a_tracked_folder_replaced_by_a_link_is_not_entered(tmp_path: Path) -> None:
    """git still lists the files that were there; through the link they would be somebody else's."""
    root = repository(tmp_path / "r", {"a/x.py": "", "b.py": ""})
    write(tmp_path, {"outside/x.py": "secret"})
    shutil.rmtree(root / "a")
    (root / "a").symlink_to("../outside")
    assert paths(root) == ["b.py"]
    assert skipped(root)["a"] == "symlink out of the root"


def test_pipes_and_sockets_are_never_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a pipe waits for a writer; ignore files can be pipes too."""
    write(root, {"a.py": "", "sub/b.py": ""})
    os.mkfifo(root / "pipe.py")
    os.mkfifo(root / "sub" / ".corneaignore")
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert paths(root) == ["a.py", "sub/b.py"]
        # git does not list what is neither a file nor a link.
        reasons = {reason for path, reason in skipped(root).items() if not path.startswith("sub/")}
        assert reasons <= {"not a regular file"}


def test_names_of_every_kind(root: Path) -> None:
    """Spaces, newlines, quotes, emoji and bytes that are not UTF-8; the location is always the real one."""
    names = [
        b"a b.py",
        b"new\nline.py",
        b'qu"ote.py',
        "😀.py".encode(),
        b"\xffx.py",
        b"-n.py",
        b"*.py",
        b"d\xfe/e.py",
    ]
    for name in names:
        place = root / os.fsdecode(name)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(name)
    found = {item.path: item for item in walk(root) if isinstance(item, SourceFile)}
    assert set(found) == {name.decode("utf-8", "backslashreplace") for name in names}
    assert "\\xffx.py" in found
    for path, item in found.items():
        path.encode()
        assert item.location.read_bytes().decode("utf-8", "backslashreplace") == path


def test_two_names_that_look_the_same(root: Path) -> None:
    """A byte that is no text is shown as an escape, which another name may spell out; one is left out."""
    (root / os.fsdecode(b"\xff.py")).touch()
    (root / "\\xff.py").touch()
    assert paths(root) == ["\\xff.py"]
    assert "looks the same" in skipped(root)["\\xff.py"]


def test_too_many_files_are_refused(root: Path) -> None:
    """A home folder by accident: the message says what to do."""
    write(root, {f"{i}.py": "" for i in range(11)})
    assert len(paths(root, WalkOptions(max_files=11))) == 11
    with pytest.raises(UsageError, match="more than 10 files"):
        paths(root, WalkOptions(max_files=10))


def test_files_that_are_no_code_do_not_count(root: Path) -> None:
    """Many pictures and a little code are not too much; the walk goes on until it has seen the code."""
    write(root, {f"a/{i}.png": "" for i in range(30)} | {"b.py": "", "a/z/c.py": ""})
    assert paths(root, WalkOptions(max_files=10)) == ["a/z/c.py", "b.py"]


def test_a_walk_without_git_stops_when_there_is_no_end(tmp_path: Path) -> None:
    """Nobody wants to wait for the whole home folder to be told that it is too large."""
    write(tmp_path / "r", {f"{folder}/{i}.png": "" for folder in "abcde" for i in range(20)})
    with pytest.raises(UsageError, match="more than 10 files"):
        paths(tmp_path / "r", WalkOptions(max_files=10))


def test_a_very_deep_folder(root: Path) -> None:
    """Deeper than a path may be long: what can be reached is found, the rest is a reason, nothing breaks."""
    here = Path.cwd()
    os.chdir(root)
    try:
        for _ in range(60):
            Path("d" * 100).mkdir()
            os.chdir("d" * 100)
            Path("x.py").touch()
    finally:
        os.chdir(here)
    found = list(walk(root))
    assert sum(isinstance(item, SourceFile) for item in found) >= 30
    assert (
        any("too long" in item.reason for item in found if isinstance(item, Skipped))
        or (root / ".git").exists()
    )


def test_a_walk_is_quick(tmp_path: Path) -> None:
    """2,500 tracked files in a fifth of a second of processor time, git's too; the best of three counts."""
    root = repository(tmp_path / "r", {f"d{i % 50}/e{i % 7}/f{i}.py": "x" for i in range(2500)})
    times = []
    for _ in range(3):
        before = processor_seconds()
        assert len(paths(root)) == 2500
        times.append(processor_seconds() - before)
    assert min(times) < 1.0
