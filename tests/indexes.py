"""Indexes of small folders, for tests: made, brought up to date, read back, and by processes that may die."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from indexer.config import Config
from indexer.index.index import Index
from indexer.index.writer import Report
from indexer.pipeline import ensure
from indexer.store import EVERYTHING
from retrieval.searcher import Searcher
from tests.support.waiting import LIMIT

PROJECT = Path(__file__).parent.parent

PYTHON = '''\
"""Bread."""


class Oven:
    """Bakes."""

    def bake(self, loaf):
        """Bake one loaf until it is brown."""
        self.loaf = loaf
        return loaf


def knead(dough, minutes=10):
    """Fold the dough again and again."""
    for _ in range(minutes):
        dough = dough + dough
    return dough
'''
GO = """\
package main

// Deliver brings a parcel to its door.
func Deliver(parcel string) string {
	return "delivered " + parcel
}
"""


def config(home: Path, **changes: Any) -> Config:
    """Settings with the index below `home`, and without a large reserve of disk."""
    return Config(home=home, **{"reserve_mb": 1, "workers": 2, "wait_seconds": 0.0, **changes})


def refresh(root: Path, home: Path, **changes: Any) -> Report:
    """Open the index of `root`, bring it up to date, close it."""
    with Index.open(root, config(home, **changes)) as index:
        return ensure(index)


def contents(root: Path, home: Path, **changes: Any) -> dict[str, dict[str, Any]]:
    """Every point's payload by id."""
    with Index.open(root, config(home, **changes)) as index:
        return {record.id: record.payload for record in index.store.scroll(EVERYTHING)}


def paths(root: Path, home: Path) -> set[str]:
    """The paths that have points."""
    return {payload["path"] for payload in contents(root, home).values()}


def answers(root: Path, home: Path, *questions: str) -> list[list[tuple[str, int, str, float]]]:
    """For each question the hits: path, line, symbol, score."""
    with Index.open(root, config(home)) as index:
        searcher = Searcher(index.store, index.encoder, index.repo)
        return [
            [(hit.path, hit.start_line, hit.symbol, round(hit.score, 4)) for hit in searcher.search(question)]
            for question in questions
        ]


def is_as_fresh(root: Path, home: Path, fresh_home: Path) -> bool:
    """Whether the index below `home` holds what one made from nothing, below `fresh_home`, does."""
    refresh(root, fresh_home)
    return contents(root, home) == contents(root, fresh_home)


# Root may read everything; without these two rights it is as any other user to files that it has locked. Its
# own Python may lie where no other user gets to, so becoming another one would not do.
_POWERLESS = """
import ctypes, os, sys
if os.geteuid() == 0 and "POWERLESS" not in os.environ:
    for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if ctypes.CDLL(None).prctl(24, right, 0, 0, 0):  # PR_CAPBSET_DROP
            raise SystemExit("root may not give up its rights here")
    os.environ["POWERLESS"] = "1"
    os.execv(sys.executable, sys.orig_argv)
"""


def child(code: str, *args: str | Path, powerless: bool = False, **options: Any) -> subprocess.Popen[str]:
    """A Python process that runs `code` with the project importable; `args` are in its sys.argv.

    A `powerless` one may not read what is locked, even if it is root's.
    """
    code = (_POWERLESS if powerless else "") + textwrap.dedent(code)
    environment = {**os.environ, **options.pop("env", {})}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PROJECT), environment.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *map(str, args)],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def told(process: subprocess.Popen[str], timeout: float = LIMIT) -> str:
    """What a process printed; fails with its errors if it failed."""
    with process:
        out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err
    return out
