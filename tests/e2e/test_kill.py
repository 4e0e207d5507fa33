"""SIGKILL and Ctrl-C at any moment of a run: the next run finishes, and its index is as a fresh one."""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.indexes import answers, child, contents, refresh, told
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT

SEED = 20
RUN = """
    import sys
    from pathlib import Path
    from indexer.index import writer
    from tests.indexes import refresh
    writer.BATCH_POINTS = 60
    print("go", flush=True)
    refresh(Path(sys.argv[1]), Path(sys.argv[2]))
"""
QUESTIONS = ("bake loaf 7", "Oven3.bake", "fold dough", "number of crumbs")


def files(version: int) -> dict[str, str | bytes]:
    """Some hundred files; most differ between versions, some exist in one only."""
    found: dict[str, str | bytes] = {}
    for n in range(100):
        if n % 10 == version:
            continue
        extra = "".join(f"def crumbs_{version}_{n}_{k}():\n    return {k}\n\n\n" for k in range(n % 3))
        bake = f"    def bake(self):\n        '''Bake loaf {n}.'''\n        return {version * (n % 4)}\n"
        found[f"kitchen{n % 7}/oven{n}.py"] = f"class Oven{n}:\n{bake}\n\n{extra}"
    return found


@dataclass
class State:
    """What a fresh index of a version holds and answers."""

    points: dict[str, dict[str, Any]]
    answers: list[Any]


class Kitchen:
    """A root that can be in two versions, and what is right for each."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.folder = folder
        self.states = []
        for version in (1, 2):
            self.become(version)
            home = folder / f"fresh{version}"
            process = child(RUN, self.root, home)
            assert process.stdout is not None
            assert process.stdout.readline() == "go\n"
            started = time.perf_counter()
            told(process)
            self.seconds = time.perf_counter() - started
            self.states.append(self.state(home))
        assert self.states[0] != self.states[1]

    def become(self, version: int) -> None:
        """Edit, add and delete files until they are those of a version."""
        wanted = files(version)
        for path in [p for p in self.root.rglob("*.py") if p.relative_to(self.root).as_posix() not in wanted]:
            path.unlink()
        write(self.root, wanted)

    def check(self, home: Path, version: int) -> None:
        """The next run finishes without throwing anything away, and all is as in a fresh index."""
        assert refresh(self.root, home).remarks == ()
        assert self.state(home) == self.states[version - 1]

    def state(self, home: Path) -> State:
        """What the index holds and answers, without bringing it up to date."""
        return State(contents(self.root, home), answers(self.root, home, *QUESTIONS))


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Kitchen:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("kitchen")
        isolate(patch, folder / "user")
        return Kitchen(folder)


def killed_after(kitchen: Kitchen, home: Path, share: float) -> bool:
    """Start a run and kill it after a share of its usual time; whether it was still running."""
    with child(RUN, kitchen.root, home) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(share * kitchen.seconds)
        alive = process.poll() is None
        workers = psutil.Process(process.pid).children() if alive else []
        process.kill()
        process.communicate(timeout=LIMIT)
    assert psutil.wait_procs(workers, timeout=LIMIT)[1] == []
    if not alive:
        kitchen.seconds *= 0.7  # the machine was busier when this was measured
    return alive


def test_sigkill_at_ten_moments(kitchen: Kitchen, tmp_path: Path) -> None:
    """Five times in a first run, five times in an update of most files, each at a moment drawn by lot."""
    dice = random.Random(SEED)
    old = tmp_path / "old"
    kitchen.become(1)
    refresh(kitchen.root, old)
    kills = 0
    for n in range(60):
        version = 2 - n % 2
        kitchen.become(version)
        home = tmp_path / f"new{n}" if kills < 5 else old
        kills += killed_after(kitchen, home, dice.uniform(0.02, 0.9))
        kitchen.check(home, version)
        if kills == 10:
            return
    raise AssertionError(f"{kills} kills were in the middle of a run")


def test_killed_again_and_again(kitchen: Kitchen, tmp_path: Path) -> None:
    """A run that never gets more than a little time gets on all the same, and finishes in the end."""
    kitchen.become(1)
    dice = random.Random(SEED)
    for _ in range(3):
        killed_after(kitchen, tmp_path, dice.uniform(0.2, 0.5))
    kitchen.check(tmp_path, 1)


def test_what_was_flushed_is_not_done_again(kitchen: Kitchen, tmp_path: Path) -> None:
    """A run killed after some batches leaves only the rest to the next one."""
    code = """
        import os, signal, sys
        from pathlib import Path
        from indexer.index import writer
        from indexer.index.index import Index
        from indexer.pipeline import update
        from tests.indexes import config
        writer.BATCH_FILES, writer.BATCH_SECONDS = 10, 600.0
        def observe(progress):
            if progress.done == 55:
                os.kill(os.getpid(), signal.SIGKILL)
        with Index.open(Path(sys.argv[1]), config(Path(sys.argv[2]))) as index:
            update(index, observe)
    """
    kitchen.become(1)
    with child(code, kitchen.root, tmp_path) as process:
        process.communicate(timeout=LIMIT)
    assert process.returncode == -signal.SIGKILL
    report = refresh(kitchen.root, tmp_path)
    assert (report.added, report.unchanged) == (len(files(1)) - 50, 50)
    kitchen.check(tmp_path, 1)


COMMAND = """
    import sys, warnings
    from cornea.__main__ import main
    # Ctrl-C within an import leaves Python's own file object to the collector.
    warnings.simplefilter("ignore", ResourceWarning)
    sys.argv[0] = "cornea"
    print("go", flush=True)
    main()
"""


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_ctrl_c_on_the_command(kitchen: Kitchen, tmp_path: Path, share: float) -> None:
    """It ends with 130 and without a traceback, leaves no process, and the rest is done next time."""
    kitchen.become(1)
    environment = {"CORNEA_HOME": str(tmp_path), "CORNEA_STORE_RESERVE_MB": "1"}
    arguments = ("-C", str(kitchen.root), "index")
    with child(COMMAND, *arguments, env=environment, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(share * kitchen.seconds)
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode in (130, 0), said
    assert "Traceback" not in said
    assert psutil.wait_procs(family, timeout=LIMIT)[1] == []
    with child(COMMAND, *arguments, env=environment) as process:
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, said
    assert {p["path"] for p in contents(kitchen.root, tmp_path).values()} == set(files(1))
