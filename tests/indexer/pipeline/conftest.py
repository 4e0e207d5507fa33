"""A root with three files, and an empty home for its index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.analysis import worker_pool
from indexer.fragment import SourceFile
from tests.repositories import isolate, write

from .runs import FILES, age


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three files, written an hour ago, so that their times can be trusted."""
    isolate(monkeypatch, tmp_path / "user")
    return age(write(tmp_path / "root", FILES))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are handed to the workers from now on."""
    seen: list[str] = []
    run = worker_pool.WorkerPool.run

    def note(pool: worker_pool.WorkerPool, files: Sequence[SourceFile]) -> object:
        seen.extend(file.path for file in files)
        return run(pool, files)

    monkeypatch.setattr(worker_pool.WorkerPool, "run", note)
    return seen
