"""The pool: every file gets one answer, whatever happens to the processes; and none outlives it."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from indexer.analysis import worker_pool
from indexer.analysis.packed_points import FileAnalysis
from indexer.analysis.worker import Setup
from indexer.analysis.worker_pool import WorkerPool
from indexer.errors import CorneaError
from indexer.fragment import Skipped, SourceFile
from tests.indexes import child
from tests.support.waiting import LIMIT, until

SETUP = Setup(repo="r", model=None, max_file_bytes=1_000_000, seconds=1.0, languages=())

STUB = """
import os, re, signal, sys, time
from pathlib import Path
from indexer.analysis import worker
real = worker.analyse
hoard = []
def analyse(file, setup, encoder):
    if file.path.startswith("crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if file.path.startswith("once"):
        mark = Path(str(file.location) + ".tried")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    if file.path.startswith("stall"):
        re.match("(a+)+$", "a" * 60 + "b")  # native code that holds the interpreter's lock
    if file.path.startswith("sleep"):
        time.sleep(3_600)
    if file.path.startswith("raise"):
        raise ValueError("no" + chr(10) + "good")
    if file.path.startswith("exit"):
        sys.exit(0)
    if file.path.startswith("hoard"):
        hoard.append(bytearray(100_000_000))
        hoard[-1][::4096] = bytes(len(hoard[-1][::4096]))  # touched, or it takes no memory
        Path(str(file.location) + f".{os.getpid()}.did").touch()
    if file.path.startswith("huge"):
        bytearray(2_000_000_000)
    if file.path.startswith("noise"):
        print("noise" * 10_000, flush=True)
        os.write(1, b"native noise")
        os.write(2, b"native noise")
    answer = real(file, setup, encoder)
    if file.path.startswith("many"):
        answer.points.extend(answer.points * 999)
    return answer
worker.analyse = analyse
worker.main()
"""


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that do to some files, by their names, what a bug in a parser would do."""
    monkeypatch.setattr(worker_pool, "_COMMAND", (sys.executable, "-P", "-c", STUB))


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No process, thread or pipe outlives its pool."""
    me = psutil.Process()
    gc.collect()
    threads, handles = threading.active_count(), me.num_fds()
    yield
    gc.collect()
    assert me.children() == []
    assert threading.active_count() <= threads
    assert me.num_fds() <= handles


def files(folder: Path, *names: str) -> list[SourceFile]:
    found = []
    for name in names:
        place = folder / name
        place.write_text(f"def f_{place.stem}():\n    return 1\n")
        status = place.stat()
        found.append(SourceFile(name, place, status.st_size, status.st_mtime_ns))
    return found


def results(files: list[SourceFile], size: int, setup: Setup = SETUP) -> dict[str, str]:
    """For each file "" or why it was skipped; fails if one comes twice."""
    found: dict[str, str] = {}
    with WorkerPool(setup, size) as pool:
        for result in pool.run(files):
            path = result.path if isinstance(result, Skipped) else result.entry.path
            assert path not in found
            found[path] = result.reason if isinstance(result, Skipped) else ""
    return found


def test_every_file_is_answered_once(tmp_path: Path) -> None:
    """More files than fit into the pipes, and as many processes as you like; no files at all is fine too."""
    names = [f"f{n}.py" for n in range(100)]
    assert results(files(tmp_path, *names), 3) == dict.fromkeys(names, "")
    assert results(files(tmp_path, "a.py"), 2) == {"a.py": ""}
    assert results([], 1) == {}
    assert results([], 0) == {}


@pytest.mark.usefixtures("stub")
def test_a_file_that_kills_its_process_is_skipped(tmp_path: Path) -> None:
    """It is tried twice; the files that had been sent with it are done by the process that follows."""
    names = ["a.py", "crash.py", "b.py", "c.py", "d.py", "e.py"]
    found = results(files(tmp_path, *names), 1)
    assert found == dict.fromkeys(names, "") | {"crash.py": "killed its parser (signal 11)"}


@pytest.mark.usefixtures("stub")
def test_a_process_killed_from_outside_costs_no_file(tmp_path: Path) -> None:
    """The system may kill a process when memory is short: the file it had is tried once more."""
    names = ["a.py", "once1.py", "b.py", "once2.py", "once3.py"]
    assert results(files(tmp_path, *names), 2) == dict.fromkeys(names, "")


@pytest.mark.usefixtures("stub")
def test_a_file_that_takes_too_long_is_skipped(tmp_path: Path) -> None:
    """Even in native code that lets nobody else run, or while it waits; it is not tried again."""
    names = ["a.py", "stall.py", "b.py", "sleep.py", "c.py"]
    found = results(files(tmp_path, *names), 1, replace(SETUP, seconds=0.5))
    too_long = "took longer than 0.5 s"
    assert found == dict.fromkeys(names, "") | {"stall.py": too_long, "sleep.py": too_long}


@pytest.mark.usefixtures("stub")
def test_an_error_of_ours_is_a_reason(tmp_path: Path) -> None:
    """An exception costs its file only, and reads as one line; so does a process that just ends."""
    found = results(files(tmp_path, "raise.py", "exit.py", "a.py"), 1)
    assert found == {
        "raise.py": "could not be analysed: ValueError: no good",
        "exit.py": "killed its parser (exit code 3)",
        "a.py": "",
    }


@pytest.mark.usefixtures("stub")
def test_what_libraries_print_disturbs_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the answers nor the terminal, which has a progress bar on it."""
    assert results(files(tmp_path, "noise1.py", "noise2.py", "crash.py"), 1)["noise2.py"] == ""
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("script", ["raise SystemExit(7)", "print('hello', flush=True)", ""])
def test_workers_that_cannot_start_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """A broken installation is one clear error, not a reason to skip every file."""
    monkeypatch.setattr(worker_pool, "_COMMAND", (sys.executable, "-c", script))
    with pytest.raises(CorneaError, match="an indexing process could not start"):
        results(files(tmp_path, "a.py", "b.py"), 2)


def test_no_program_to_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same when the system cannot start a process at all."""
    monkeypatch.setattr(worker_pool, "_COMMAND", (str(tmp_path / "python"),))
    with pytest.raises(CorneaError, match="cannot start an indexing process"):
        WorkerPool(SETUP, 2)


@pytest.mark.usefixtures("stub")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell")
def test_memory_is_bounded(tmp_path: Path) -> None:
    """Too much for one file is its reason to be skipped; too much in the end has the process replaced."""
    names = ["hoard1.py", "huge.py", "hoard2.py", "hoard3.py", "a.py"]
    found = results(files(tmp_path, *names), 1, replace(SETUP, megabytes=200, seconds=10.0))
    assert found.pop("huge.py").startswith("could not be analysed: MemoryError")
    assert found == dict.fromkeys(("hoard1.py", "hoard2.py", "hoard3.py", "a.py"), "")
    assert len({mark.name.split(".")[2] for mark in tmp_path.glob("*.did")}) > 1


@pytest.mark.usefixtures("stub")
def test_answers_wait_for_the_store_in_bounded_memory(tmp_path: Path) -> None:
    """A slow store stops the workers, instead of all points piling up here; closing then waits for nobody."""
    names = [f"many{n}.py" for n in range(40)]
    with WorkerPool(SETUP, 2) as pool:
        run = pool.run(files(tmp_path, *names))
        first = next(run)
        assert isinstance(first, FileAnalysis)
        until(lambda: pool._results.queue)
        time.sleep(1.0)
        assert len(pool._results.queue) <= 3, "2,000 points, and one more answer of each worker at most"


@pytest.mark.usefixtures("stub")
def test_closing_kills_whatever_they_do(tmp_path: Path) -> None:
    """In the middle of a file, before the first answer, never used, twice."""
    with WorkerPool(SETUP, 2) as pool:
        run = pool.run(files(tmp_path, "a.py", "stall.py", "stall2.py"))
        next(run)
    with WorkerPool(SETUP, 2):
        pass
    pool = WorkerPool(SETUP, 1)
    pool.close()
    pool.close()


def test_the_working_folder_is_not_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever indexes a repository from inside runs none of its modules, whatever their names."""
    for name in ("numpy", "indexer", "pickle", "sitecustomize", "tree_sitter"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')\nraise SystemExit(9)\n")
    sources = files(tmp_path, "a.py")
    monkeypatch.chdir(tmp_path)
    assert results(sources, 1) == {"a.py": ""}
    assert not (tmp_path / "ran").exists()


PARENT = """
import signal, sys
from pathlib import Path
from indexer.fragment import SourceFile
from indexer.analysis.worker import Setup
from indexer.analysis.worker_pool import WorkerPool
place = Path(sys.argv[1])
signal.signal(signal.SIGINT, lambda *_: None)
file = SourceFile(place.name, place, place.stat().st_size, 1)
with WorkerPool(Setup("r", None, 10**6, 30.0, ()), 2) as pool:
    for n, _ in enumerate(pool.run(file for _ in range(int(sys.argv[2])))):
        if n in (0, int(sys.argv[2]) - 1):
            print(n, flush=True)
"""


def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    """SIGKILL gives the parent no chance to say goodbye; a broken pipe tells the workers."""
    place = files(tmp_path, "a.py")[0].location
    with child(PARENT, place, "1000000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        orphans = psutil.Process(process.pid).children()
        assert len(orphans) == 2
        process.kill()
        gone, alive = psutil.wait_procs(orphans, timeout=LIMIT)
        assert (len(gone), alive) == (2, [])
        assert process.stderr is not None
        assert process.stderr.read() == "", "they end without a word"


def test_ctrl_c_is_for_the_parent_alone(tmp_path: Path) -> None:
    """A terminal sends it to the whole process group; the workers go on, so that the parent decides."""
    place = files(tmp_path, "a.py")[0].location
    with child(PARENT, place, "3000", start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        for _ in range(5):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.05)
        out, err = process.communicate(timeout=LIMIT)
    assert (out, err, process.returncode) == ("2999\n", "", 0)
