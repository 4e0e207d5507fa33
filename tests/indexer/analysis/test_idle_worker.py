"""The worker that is kept between two updates."""

from __future__ import annotations

from pathlib import Path

import psutil

from indexer.analysis.worker import Setup
from indexer.analysis.worker_pool import IdleWorker, WorkerPool
from indexer.fragment import SourceFile
from tests.support.waiting import LIMIT, until

SETUP = Setup("repo", "", 1_000_000, 10.0, ())


def worked(folder: Path, reserve: IdleWorker, setup: Setup = SETUP) -> set[int]:
    """Analyse a file in a pool of one: the processes that are there in the end."""
    file = folder / "a.py"
    file.write_text("def a(): pass\n")
    source = SourceFile("a.py", file, file.stat().st_size, file.stat().st_mtime_ns)
    with WorkerPool(setup, 1, reserve) as pool:
        assert len(list(pool.run([source]))) == 1
    return {child.pid for child in psutil.Process().children()}


def test_a_worker_is_used_again_and_ended(tmp_path: Path) -> None:
    """The same process answers twice; another setup needs another one; nothing is left at the end."""
    reserve = IdleWorker()
    before = {child.pid for child in psutil.Process().children()}
    first = worked(tmp_path, reserve) - before
    assert len(first) == 1
    assert worked(tmp_path, reserve) - before == first
    other = worked(tmp_path, reserve, Setup("other", "", 1_000_000, 10.0, ())) - before
    assert len(other) == 1
    assert other != first
    reserve.close()
    reserve.close()
    assert {child.pid for child in psutil.Process().children()} == before


def test_a_worker_that_nobody_takes_ends(tmp_path: Path) -> None:
    """It does not keep its memory for ever; a dead one is not taken."""
    reserve = IdleWorker(0.2)
    before = {child.pid for child in psutil.Process().children()}
    worked(tmp_path, reserve)
    until(lambda: {child.pid for child in psutil.Process().children()} == before)
    reserve = IdleWorker()
    (pid,) = worked(tmp_path, reserve) - before
    process = psutil.Process(pid)
    process.kill()
    process.wait(LIMIT)
    assert reserve.take(SETUP) is None
