"""File events: every change of a file that may be indexed, in batches; nothing of what is left out."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from indexer.walk import watch
from indexer.walk.walk import WalkOptions
from indexer.walk.watch import FolderWatch, folders_of
from tests.indexes import PROJECT
from tests.repositories import git, isolate, repository, write
from tests.support.waiting import LIMIT, until

FILES = {
    "src/a.py": "a = 1\n",
    "src/deep/b.py": "b = 1\n",
    ".gitignore": "ignored/\n*.log\n",
    ".github/c.py": "c = 1\n",
}
LEFT_OUT = {"ignored/x/y.py": "1\n", "node_modules/m/i.js": "1\n", ".cache/z.py": "1\n"}


class Seen:
    """What a watch in a thread of its own has told."""

    def __init__(self, watched: FolderWatch) -> None:
        self.watch = watched
        self.batches: list[frozenset[str]] = []

    @property
    def paths(self) -> set[str]:
        return set().union(*self.batches)

    def until(self, met: Callable[[set[str]], bool]) -> None:
        until(lambda: met(self.paths))

    def rest(self, root: Path, name: str) -> None:
        """Wait until all is told that has happened so far: a change that is made now comes after it."""
        write(root, {name: "1\n"})
        self.until(lambda paths: name in paths)
        self.forget()

    def until_written(self, root: Path, name: str) -> None:
        """Write files of this name until one is told: a folder that has just come is not watched at once."""
        number = count()

        def met() -> bool:
            write(root, {f"{name}{next(number)}.py": "1\n"})
            return any(path.startswith(name) for path in self.paths)

        until(met, pause=0.1)

    def forget(self) -> None:
        self.batches.clear()


@contextmanager
def watching(root: Path, **options: object) -> Iterator[Seen]:
    made = FolderWatch(root, WalkOptions, **options)  # type: ignore[arg-type]
    seen, stop = Seen(made), threading.Event()

    def work() -> None:
        for batch in made.batches(stop):
            seen.batches.append(batch)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        until(lambda: seen.batches)
        yield seen
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "user")
    made = repository(tmp_path / "root", FILES)
    return write(made, LEFT_OUT)


def test_which_folders(root: Path) -> None:
    """Those that hold what may be indexed, empty ones, and git's own; never what is left out."""
    (root / "empty/inner").mkdir(parents=True)
    assert folders_of(root, WalkOptions()) == {
        "", "src", "src/deep", ".github", "empty", "empty/inner", ".git", ".git/info",
    }  # fmt: skip
    assert "node_modules/m" in folders_of(root, WalkOptions(vendored=True))
    assert ".cache" in folders_of(root, WalkOptions(hidden=True))


def test_changes(root: Path) -> None:
    """Written, replaced, renamed, deleted: each is told, and once it rests nothing more."""
    with watching(root) as seen:
        assert seen.batches == [frozenset()]
        write(root, {"src/a.py": "a = 2\n"})
        seen.until(lambda paths: "src/a.py" in paths)
        beside = write(root, {"src/.a.tmp": "a = 3\n"}) / "src/.a.tmp"
        seen.rest(root, "src/between.py")
        beside.replace(root / "src/a.py")
        seen.until(lambda paths: "src/a.py" in paths)
        (root / "src/deep/b.py").rename(root / "src/c.py")
        seen.until(lambda paths: {"src/deep/b.py", "src/c.py"} <= paths)
        (root / "src/c.py").unlink()
        seen.rest(root, "src/last.py")
        time.sleep(0.5)
        assert seen.paths <= {"src/last.py"}


def test_changes_are_known_at_once(root: Path, tmp_path: Path) -> None:
    """Before their batch has ended; and the batch still has them. Not once the system tells nothing."""
    known: set[str] = set()
    with watching(root, sync_folder=tmp_path / "sync", on_change=known.update) as seen:
        until(seen.watch.drain)
        for number in range(20):
            write(root, {f"src/n{number}.py": "1\n"})
            assert not seen.watch.drain() or f"src/n{number}.py" in known
        seen.until(lambda paths: {f"src/n{number}.py" for number in range(20)} <= paths)
        assert not any("sync" in path for path in known | seen.paths)
        shutil.rmtree(tmp_path / "sync")
        assert not seen.watch.drain()
    assert not seen.watch.drain()


def test_what_is_left_out_is_silent(root: Path) -> None:
    """Ignored, vendored and hidden folders, pictures, and git's work inside of .git."""
    with watching(root) as seen:
        write(root, {"ignored/x/y.py": "2\n", "node_modules/m/i.js": "2\n", ".cache/z.py": "2\n"})
        write(root, {"src/p.png": b"\x89PNG", ".git/objects/aa/bb": "x", ".git/COMMIT_EDITMSG": "x"})
        write(root, {"src/last.py": "1\n"})
        seen.until(lambda paths: "src/last.py" in paths)
        assert seen.paths == {"src/last.py"}


def test_new_folders_are_watched(root: Path) -> None:
    """Made, moved in, deleted and made again: what changes in them afterwards is told."""
    with watching(root) as seen:
        write(root, {"new/deep/x.py": "1\n"})
        seen.until(lambda paths: "new" in paths)
        write(root, {"new/deep/y.py": "1\n"})
        seen.until(lambda paths: "new/deep/y.py" in paths)
        shutil.rmtree(root / "new")
        write(root, {"new/deep/x.py": "1\n"})
        seen.until_written(root, "new/deep/z")
        write(root.parent, {"outside/inner/o.py": "1\n"})
        (root.parent / "outside").rename(root / "inside")
        seen.until(lambda paths: "inside" in paths)
        write(root, {"inside/inner/p.py": "1\n"})
        seen.until(lambda paths: "inside/inner/p.py" in paths)


def test_rules_that_change(root: Path) -> None:
    """A folder that is taken back is watched, one that is ignored from now on is not."""
    with watching(root) as seen:
        write(root, {".gitignore": "src/\n"})
        seen.until(lambda paths: ".gitignore" in paths)
        until(lambda: "ignored/x" in seen.watch.folders)
        write(root, {"ignored/x/y.py": "3\n"})
        seen.until(lambda paths: "ignored/x/y.py" in paths)


def test_a_branch_switch_is_one_batch(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files it touches: nobody should index half of it."""
    monkeypatch.setattr(watch, "MAX_BURST_SECONDS", LIMIT)  # git may be slow
    git(root, "checkout", "-qb", "other")
    write(root, {f"src/m{n}.py": f"m = {n}\n" for n in range(300)})
    git(root, "add", "-A", "src")
    git(root, "commit", "-qm", "Many")
    with watching(root) as seen:
        seen.forget()
        git(root, "checkout", "-q", "main")
        seen.until(lambda paths: "src/m299.py" in paths)
        time.sleep(1.0)
        assert max(map(len, seen.batches)) >= 300
        assert len(seen.batches) <= 2


def test_where_events_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are looked at every few seconds then, and why is said."""
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.2)

    def refuse(places: Collection[str]) -> watch.Notifier:
        raise OSError("OS file watch limit reached.")

    with watching(root, open_=refuse) as seen:
        assert "fs.inotify.max_user_watches" in seen.watch.mode
        write(root, {"src/a.py": "a = 22\n"})
        seen.until(lambda paths: "src/a.py" in paths)
        write(root, {"new/deep/x.py": "1\n"})
        seen.until(lambda paths: "new" in paths)
        write(root, {"new/deep/x.py": "2\n"})
        seen.until(lambda paths: "new/deep/x.py" in paths)
        (root / "src/deep/b.py").unlink()
        seen.until(lambda paths: "src/deep/b.py" in paths)


LIMITED = """
    import sys
    from pathlib import Path
    from threading import Event
    from indexer.walk.walk import WalkOptions
    from indexer.walk.watch import FolderWatch
    watched = FolderWatch(Path(sys.argv[1]), WalkOptions)
    print(next(iter(watched.batches(Event()))), watched.mode)
"""


def test_a_real_limit(root: Path) -> None:
    """The system's own refusal, in a user namespace that may watch two folders."""
    space = ["unshare", "--user", "--map-root-user"]
    limit = "echo 2 > /proc/sys/user/max_inotify_watches"
    if (
        shutil.which("unshare") is None
        or subprocess.run([*space, "sh", "-c", limit], capture_output=True).returncode
    ):
        pytest.skip("no user namespaces here")
    command = [sys.executable, "-c", textwrap.dedent(LIMITED), str(root)]
    done = subprocess.run(
        [*space, "sh", "-c", f'{limit}; exec "$@"', "-", *command],
        capture_output=True, text=True, env={"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"},
        timeout=LIMIT,
    )  # fmt: skip
    assert "every 3 s (the system refused events" in done.stdout, done.stderr


def test_a_root_that_goes_and_comes_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a drive that is unplugged: nothing is told meanwhile, everything afterwards."""
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.1)
    with watching(root) as seen:
        root.rename(root.with_name("away"))
        time.sleep(0.5)
        root.with_name("away").rename(root)
        seen.until_written(root, "src/back")
