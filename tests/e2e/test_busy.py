"""Several processes and one index: they take turns, and no work is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from indexer.errors import StoreBusy
from indexer.index.catalog import all_indexes, remove_index
from indexer.index.index import Index
from indexer.pipeline import update
from tests.indexes import child, config, contents, is_as_fresh, refresh, told
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT

HOLD = """
    import sys
    from pathlib import Path
    from indexer.index.index import Index
    from indexer.pipeline import update
    from tests.indexes import config
    with Index.open(Path(sys.argv[1]), config(Path(sys.argv[2]))) as index:
        update(index)
        print("held", flush=True)
        sys.stdin.readline()
"""
UPDATE = """
    import sys
    from pathlib import Path
    from tests.indexes import refresh
    print(refresh(Path(sys.argv[1]), Path(sys.argv[2]), wait_seconds=600).touched)
"""
FILES: dict[str, str | bytes] = {f"f{n}.py": f"def f{n}():\n    return {n}\n" for n in range(60)}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "user")
    return write(tmp_path / "root", FILES)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_two_updates_at_once(root: Path, home: Path) -> None:
    """Four start together: one does the work, the others wait for it and find nothing to do."""
    processes = [child(UPDATE, root, home) for _ in range(4)]
    touched = sorted(int(told(process)) for process in processes)
    assert touched == [0, 0, 0, 60]
    assert is_as_fresh(root, home, home / "fresh")


def test_updates_of_a_changing_folder(root: Path, home: Path) -> None:
    """Each sees at least what was there when it began; together they lose nothing."""
    processes = []
    for n in range(4):
        write(root, {f"new{n}.py": f"n = {n}\n", "f0.py": f"def f0():\n    return {n}\n"})
        processes.append(child(UPDATE, root, home))
        time.sleep(0.1)
    for process in processes:
        told(process)
    assert is_as_fresh(root, home, home / "fresh")
    assert len({p["path"] for p in contents(root, home).values()}) == 64


def test_who_holds_it_is_said(root: Path, home: Path) -> None:
    """Without patience it is an error with the holder's number; with some, a line, and then it goes on."""
    with child(HOLD, root, home, stdin=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy, match=f"process {holder.pid}") as caught:
            refresh(root, home)
        assert caught.value.pid == holder.pid
        said: list[str] = []

        def on_wait(line: str) -> None:
            said.append(line)
            assert holder.stdin is not None
            holder.stdin.write("\n")
            holder.stdin.flush()

        with Index.open(root, config(home, wait_seconds=LIMIT), on_wait=on_wait) as index:
            assert update(index).unchanged == 60
        assert len(said) == 1
        assert f"process {holder.pid}" in said[0]
        holder.communicate(timeout=LIMIT)


def test_a_killed_holder_holds_nothing(root: Path, home: Path) -> None:
    """The lock goes with the process, and its note is not believed."""
    with child(HOLD, root, home, stdin=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate(timeout=LIMIT)
    assert refresh(root, home).unchanged == 60


def test_removing_while_others_update(root: Path, home: Path) -> None:
    """Again and again: every update ends well, and the last one leaves a whole index."""
    processes = [child(UPDATE, root, home) for _ in range(3)]
    removed = 0
    while any(psutil.pid_exists(p.pid) and p.poll() is None for p in processes):
        for info in all_indexes(home):
            try:
                remove_index(info, config(home, wait_seconds=0.3))
                removed += 1
            except StoreBusy:
                time.sleep(0.01)
        time.sleep(0.02)
    for process in processes:
        assert int(told(process)) in (0, 60)
    refresh(root, home)
    assert is_as_fresh(root, home, home / "fresh")
