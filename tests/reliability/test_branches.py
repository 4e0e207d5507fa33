"""Switching branches back and forth: right after each switch, and fast once a branch was there before."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.index.index import Index
from indexer.pipeline import update
from tests.indexes import config, contents, refresh
from tests.repositories import git, isolate
from tests.support.waiting import processor_seconds

from .kitchen import Kitchen

TIMES_FASTER = 5.0


def test_branches_back_and_forth(
    tmp_path: Path,
    scale: Callable[[int, int], int],
    measured: Callable[[str], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """500 files ten times in the full form. CPU time is compared: the machine may do other things, too."""
    isolate(monkeypatch, tmp_path / "user")
    kitchen = Kitchen(tmp_path, scale(100, 550))
    home = tmp_path / "home"
    kitchen.become("one")
    refresh(kitchen.root, home)
    rows = []
    for n in range(scale(2, 10)):
        for branch in ("other1", "one"):
            kitchen.become(branch)
            with Index.open(kitchen.root, config(home)) as index:
                _ = index.store
                begun, cpu = time.perf_counter(), processor_seconds()
                report = update(index)
                rows.append((branch, report.touched, time.perf_counter() - begun, processor_seconds() - cpu))
            assert kitchen.state(home) == kitchen.right[branch], f"switch {n} to {branch}"
    first, again = rows[0], rows[2::2]
    cpu = sum(row[3] for row in again) / len(again)
    wall = sum(row[2] for row in again) / len(again)
    measured(
        f"{first[1]} files: first visit {first[2]:.2f} s ({first[3]:.2f} s CPU), later ones {wall:.2f} s "
        f"({cpu:.2f} s CPU): {first[2] / wall:.1f} times faster, {first[3] / cpu:.1f} times by CPU"
    )
    assert first[3] > scale(2, int(TIMES_FASTER)) * cpu


def test_a_second_work_tree_computes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its fragments and vectors come out of the cache, whatever its folder and repository are called."""
    isolate(monkeypatch, tmp_path / "user")
    kitchen = Kitchen(tmp_path, 20)
    home, second = tmp_path / "home", tmp_path / "second"
    kitchen.become("one")
    refresh(kitchen.root, home)
    git(kitchen.root, "worktree", "add", "-q", str(second), "HEAD", "--detach")

    def none(*_: object) -> object:
        raise AssertionError("a worker was started")

    with monkeypatch.context() as patch:
        patch.setattr("indexer.analysis.worker_pool.WorkerProcess", none)
        assert refresh(second, home).added == len(list(second.rglob("*.py")))
    assert contents(second, home) == _fresh(second, tmp_path / "apart")


def _fresh(root: Path, home: Path) -> dict[str, dict[str, object]]:
    refresh(root, home)
    return contents(root, home)
