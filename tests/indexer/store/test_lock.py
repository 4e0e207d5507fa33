"""One process at a time owns an index folder, and the others are told who it is."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.errors import DiskFull, StoreBusy, StoreError
from indexer.store.lock import NOTE_FILE, IndexLock, read_owner, write_owner

ROOT = Path(__file__).parents[3]

HOLD = """
import sys
from pathlib import Path
from indexer.store.lock import IndexLock

sys.argv = ["/usr/bin/cornea", "index", "--quick"]
lock = IndexLock(Path({folder!r}))
lock.acquire()
print("held", flush=True)
{body}
"""

Holder = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Holder]:
    """Start processes that hold the lock of `tmp_path` and then run `body`; they do not outlive the test."""
    started: list[subprocess.Popen[str]] = []

    def start(body: str = "sys.stdin.read()") -> subprocess.Popen[str]:
        program = HOLD.format(folder=str(tmp_path), body=body)
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, text=True, stdin=pipe, stdout=pipe
        )
        started.append(process)
        assert line(process) == "held"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def free(folder: Path) -> bool:
    """Whether another process could take the lock now."""
    program = HOLD.format(folder=str(folder), body="lock.release()")
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert "held" in result.stdout or "StoreBusy" in result.stderr, result.stderr
    return result.returncode == 0


def test_the_lock_is_taken_and_let_go(tmp_path: Path) -> None:
    """While it is held nobody else gets it, afterwards anybody; the folder is made where there is none."""
    folder = tmp_path / "deep" / "er"
    lock = IndexLock(folder)
    assert not lock.held
    lock.acquire()
    assert lock.held
    assert not free(folder)
    lock.release()
    assert not lock.held
    assert free(folder)


def test_it_is_a_context_manager(tmp_path: Path) -> None:
    """Also when the block fails the lock is let go, and one that was waited for before can be handed over."""
    with pytest.raises(KeyError), IndexLock(tmp_path) as lock:
        assert lock.held
        raise KeyError
    assert not lock.held
    lock.acquire(1.0)
    with lock:
        assert lock.held
    assert not lock.held


def test_letting_go_twice_is_harmless(tmp_path: Path) -> None:
    """The second time it may already be somebody else's."""
    first, second = IndexLock(tmp_path), IndexLock(tmp_path)
    first.acquire()
    first.release()
    second.acquire()
    first.release()
    assert second.held
    assert not free(tmp_path)
    second.release()


def test_a_lock_is_not_taken_twice(tmp_path: Path) -> None:
    """Neither through the same object nor through a second one of the same process."""
    with IndexLock(tmp_path) as lock:
        with pytest.raises(StoreError, match="already"):
            lock.acquire()
        with pytest.raises(StoreBusy, match="this process"):
            IndexLock(tmp_path).acquire()


def test_who_holds_it_is_named(tmp_path: Path, holder: Holder) -> None:
    """The message has the folder, the process, what it runs and what to do; the pid is there for programs."""
    process = holder()
    with pytest.raises(StoreBusy) as caught:
        IndexLock(tmp_path).acquire()
    assert caught.value.pid == process.pid
    assert str(caught.value) == (
        f"index {tmp_path} is held by process {process.pid} (cornea index --quick): "
        f"wait until it is done or stop it, then run the command again"
    )


def test_waiting_says_so_once_and_ends(tmp_path: Path, holder: Holder) -> None:
    """One line when the waiting starts, then the error after the time limit."""
    process = holder()
    lines: list[str] = []
    started = time.monotonic()
    with pytest.raises(StoreBusy):
        IndexLock(tmp_path).acquire(0.4, lines.append)
    assert time.monotonic() - started >= 0.4
    assert lines == [f"index is held by process {process.pid} (cornea index --quick), waiting up to 0.4 s"]


def test_whoever_need_not_wait_hears_nothing(tmp_path: Path, holder: Holder) -> None:
    """No line for a free lock, and none when there is no time to wait."""
    lines: list[str] = []
    with IndexLock(tmp_path) as lock:
        lock.release()
        lock.acquire(10, lines.append)
    holder()
    with pytest.raises(StoreBusy):
        IndexLock(tmp_path).acquire(0, lines.append)
    assert lines == []


def test_waiting_ends_when_the_holder_is_done(tmp_path: Path, holder: Holder) -> None:
    """The lock is taken as soon as it is let go, and the note then names the new owner."""
    process = holder("sys.stdin.readline(); lock.release(); sys.stdin.read()")
    assert process.stdin is not None
    stdin = process.stdin

    def release(_: str) -> None:
        stdin.write("\n")
        stdin.flush()

    lock = IndexLock(tmp_path)
    lock.acquire(30, release)
    owner = read_owner(tmp_path)
    assert owner is not None and owner.pid == os.getpid()
    lock.release()


def test_a_killed_holder_leaves_nothing_locked(tmp_path: Path, holder: Holder) -> None:
    """kill -9 lets the operating system's lock go; the note that stays behind is not believed."""
    process = holder()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / NOTE_FILE).exists()
    assert read_owner(tmp_path) is None
    with IndexLock(tmp_path) as lock:
        assert lock.held


def test_children_of_the_holder_do_not_keep_the_lock(tmp_path: Path, holder: Holder) -> None:
    """A program that the holder started and that outlives it, such as git's daemon, holds nothing."""
    process = holder(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL, close_fds=False)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()"
    )
    child = int(line(process))
    process.kill()
    process.communicate()
    try:
        os.kill(child, 0)
        assert free(tmp_path)
    finally:
        os.kill(child, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_cannot_let_the_parents_lock_go(tmp_path: Path) -> None:
    """The child shares the file; ending or releasing there must not unlock the parent."""
    lock = IndexLock(tmp_path)
    lock.acquire()
    child = os.fork()
    if child == 0:
        held = lock.held
        lock.release()
        os._exit(1 if held else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not free(tmp_path)
    assert (tmp_path / NOTE_FILE).exists()
    lock.release()


def test_another_thread_may_let_it_go(tmp_path: Path) -> None:
    """A host takes the lock while starting and lets it go wherever it ends."""
    lock = IndexLock(tmp_path)
    lock.acquire()
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    assert free(tmp_path)


@pytest.mark.parametrize(
    "note",
    ["", "{", "[]", "7", '{"pid": "x"}', '{"pid": 1}', "\0\0", '{"pid": -1, "command": 1}', '"\ud800"'],
)
def test_a_damaged_note_is_no_note(tmp_path: Path, note: str) -> None:
    """The note helps people; without a readable one the lock works all the same."""
    (tmp_path / NOTE_FILE).write_bytes(note.encode("utf-8", "surrogatepass"))
    assert read_owner(tmp_path) is None
    with IndexLock(tmp_path):
        assert read_owner(tmp_path) is not None


@pytest.mark.parametrize("step", ["write_text", "replace"])
def test_a_note_that_could_not_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The disk is full; nor does what was left by somebody who was killed meanwhile stay."""
    (tmp_path / f".{NOTE_FILE}.4711").touch()

    def full(path: Path, *rest: object, **options: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, full)
        with pytest.raises(DiskFull, match="free some space"):
            IndexLock(tmp_path).acquire()
    assert [path.name for path in tmp_path.iterdir() if "owner" in path.name] == []
    with IndexLock(tmp_path):
        assert (tmp_path / NOTE_FILE).exists()


def test_a_holder_is_shown_as_it_would_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own words for how it was started say nothing to anybody."""
    monkeypatch.setattr(sys, "argv", ["/opt/lib/cornea/__main__.py", "host", "run", "--", "/src/shop"])
    write_owner(tmp_path)
    owner = read_owner(tmp_path)
    assert owner is not None
    assert owner.command == "cornea host run /src/shop"


def test_a_note_of_a_reused_pid_is_not_believed(tmp_path: Path) -> None:
    """Another process with the old number is not the holder."""
    write_owner(tmp_path)
    note = json.loads((tmp_path / NOTE_FILE).read_text())
    if not note["started"]:
        pytest.skip("this system does not tell when a process started")
    (tmp_path / NOTE_FILE).write_text(json.dumps({**note, "started": "1"}))
    assert read_owner(tmp_path) is None


def test_a_holder_whose_note_is_gone_is_another_process(tmp_path: Path, holder: Holder) -> None:
    """Somebody removed the note: the lock still holds, only the name is missing."""
    holder()
    (tmp_path / NOTE_FILE).unlink()
    with pytest.raises(StoreBusy, match="held by another process") as caught:
        IndexLock(tmp_path).acquire()
    assert caught.value.pid is None


def test_many_processes_take_turns(tmp_path: Path) -> None:
    """Six processes add to one file, each reading and writing it under the lock: no addition is lost."""
    program = f"""
import time
from pathlib import Path
from indexer.store.lock import IndexLock
folder = Path({str(tmp_path)!r})
for _ in range(5):
    lock = IndexLock(folder)
    lock.acquire(600)
    tally = folder / "tally"
    number = int(tally.read_text()) if tally.exists() else 0
    time.sleep(0.002)
    tally.write_text(str(number + 1))
    lock.release()
"""
    crowd = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(6)]
    assert [process.wait() for process in crowd] == [0] * 6
    assert (tmp_path / "tally").read_text() == "30"


def test_a_file_in_the_folders_place_is_an_error(tmp_path: Path) -> None:
    """A path that cannot become a folder is an error with the path and what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot write to the index folder .*file.*set CORNEA_HOME"):
        IndexLock(tmp_path / "file").acquire()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not hold root back")
def test_a_folder_without_permission_is_an_error(tmp_path: Path) -> None:
    """A folder that may not be written to is an error that says so, and is not waited for."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="check its owner and permissions"):
            IndexLock(tmp_path).acquire(30)
    finally:
        tmp_path.chmod(0o700)


def test_a_read_only_file_system_is_an_error(tmp_path: Path) -> None:
    """Also root gets the clear error where the whole file system is read-only."""
    prefix = ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o ro tmpfs "{tmp_path}" && exec "$@"', "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, sys.executable, "-c", ""], capture_output=True).returncode
    ):
        pytest.skip("this machine lets no ordinary process mount a file system")
    program = HOLD.format(folder=str(tmp_path), body="")
    result = subprocess.run(
        [*prefix, sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert "StoreError: cannot write to the index folder" in result.stderr
    assert "Read-only file system" in result.stderr
