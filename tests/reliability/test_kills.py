"""SIGKILL at random moments of indexing, updating, compacting and exchanging: nothing is lost or doubled.

After each kill the next run must finish without throwing anything away, and hold the very points, and give
the very answers, of an index made from nothing.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.indexes import child, refresh
from tests.repositories import isolate
from tests.support.waiting import LIMIT

from .kitchen import Kitchen

SEED = 20
LONGEST = 600.0
"""Seconds of one kind, on a machine where the full count takes longer."""
UPDATE = """
    import sys
    from pathlib import Path
    from indexer.index import writer
    from tests.indexes import refresh
    writer.BATCH_POINTS = 200
    print("go", flush=True)
    refresh(Path(sys.argv[1]), Path(sys.argv[2]))
"""
OPTIMIZE = """
    import sys
    from pathlib import Path
    from indexer.index.index import Index
    from indexer.index.compaction import compact_index
    from tests.indexes import config
    with Index.open(Path(sys.argv[1]), config(Path(sys.argv[2]))) as index:
        index.store
        print("go", flush=True)
        assert compact_index(index)
"""
KINDS = ("first index", "update", "optimize", "worker")


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Kitchen:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("kitchen")
        isolate(patch, folder / "user")
        return Kitchen(folder)


def killed(
    code: str, kitchen: Kitchen, home: Path, moment: float, *, worker: bool = False
) -> tuple[bool, float]:
    """Start a run; kill it, or one of the processes that it started, after so many seconds.

    Whether there was something to kill, and how long it took if not.
    """
    with child(code, kitchen.root, home) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        started = time.perf_counter()
        while time.perf_counter() - started < moment and process.poll() is None:
            time.sleep(0.002)
        lasted = time.perf_counter() - started
        alive = process.poll() is None
        family = psutil.Process(process.pid).children(recursive=True) if alive else []
        if worker:
            for one in family[:1]:
                one.kill()
            process.communicate(timeout=LIMIT)
            return bool(family), lasted
        process.kill()
        process.communicate(timeout=LIMIT)
    assert psutil.wait_procs(family, timeout=LIMIT)[1] == []
    return alive, lasted


@pytest.mark.parametrize("kind", KINDS)
def test_sigkill_at_random_moments(
    kitchen: Kitchen,
    tmp_path: Path,
    scale: Callable[[int, int], int],
    measured: Callable[[str], object],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    """50 of each kind in the full form: of the command, and of a worker below it. How many is said."""
    isolate(monkeypatch, tmp_path / "user")
    dice, wanted, kills, usual = random.Random(f"{SEED} {kind}"), scale(2, 50), 0, 0.5
    home, begun = tmp_path / "home", time.monotonic()
    kitchen.become("one")
    refresh(kitchen.root, home)
    for n in range(30 * wanted):
        branch = Kitchen.BRANCHES[(n + 1) % 2]
        if kind != "optimize":
            kitchen.become(branch)
        else:
            branch = "one"
        if kind in ("first index", "worker"):
            shutil.rmtree(home)
        elif n % 2 and (home / "contents.sqlite3").exists():
            (home / "contents.sqlite3").unlink()  # half of the updates compute everything again
        code = OPTIMIZE if kind == "optimize" else UPDATE
        hit, lasted = killed(code, kitchen, home, dice.uniform(0, usual), worker=kind == "worker")
        kills += hit
        usual = usual * 1.2 if hit else max(lasted, 0.05)
        kitchen.check(home, branch)
        if kills == wanted or (kills >= 2 and time.monotonic() - begun > LONGEST):
            measured(f"{kind}: {kills} kills in {n + 1} runs, nothing lost")
            return
    raise AssertionError(f"only {kills} kills fell into a run")
