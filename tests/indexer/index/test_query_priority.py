"""Updates that make way for questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from indexer.analysis.worker import Setup
from indexer.analysis.worker_pool import IdleWorker, WorkerPool
from indexer.config import Config
from indexer.fragment import SourceFile
from indexer.index import query_priority
from indexer.index.index import Index
from indexer.index.query_priority import QueryPriority
from indexer.pipeline import update
from indexer.store import Point
from indexer.store.edge import EdgeStore
from indexer.store.shard_files import write_back
from tests.support.waiting import LIMIT

from ...repositories import write


@contextmanager
def _question(manners: QueryPriority) -> Iterator[Callable[[], None]]:
    """A question of another thread; it is answered when what comes is called, at the latest at the end."""
    asked, answered = Event(), Event()

    def ask() -> None:
        with manners.query():
            asked.set()
            answered.wait(LIMIT)

    thread = Thread(target=ask)
    thread.start()
    assert asked.wait(LIMIT)

    def answer() -> None:
        answered.set()
        thread.join()

    try:
        yield answer
    finally:
        answer()


@contextmanager
def _update(step: Callable[[], None]) -> Iterator[Event]:
    """A step of an update in a thread of its own: set as soon as it is done, which it is in the end."""
    done = Event()

    def work() -> None:
        step()
        done.set()

    thread = Thread(target=work)
    thread.start()
    yield done
    thread.join()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An update waits so long that no busy machine ends it; so does a moment of quiet."""
    monkeypatch.setattr(query_priority, "MAX_WAIT_SECONDS", LIMIT)
    monkeypatch.setattr(query_priority, "IDLE_SECONDS", LIMIT)


@pytest.mark.usefixtures("patient")
def test_nobody_asks() -> None:
    """Nothing waits."""
    manners = QueryPriority()
    assert manners.is_idle
    for step in (manners.yield_to_queries, manners.wait_for_idle):
        with _update(step) as done:
            assert done.wait(LIMIT / 2)


@pytest.mark.usefixtures("patient")
def test_questions_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """An update waits for the answer, and a moment of quiet comes a while later."""
    manners = QueryPriority()
    with _question(manners) as answer, _update(manners.yield_to_queries) as done:
        assert not done.wait(0.1)
        answer()
        assert done.wait(LIMIT / 2)
    assert not manners.is_idle
    monkeypatch.setattr(query_priority, "IDLE_SECONDS", 0.0)
    assert manners.is_idle


def test_patience_has_an_end() -> None:
    """Where questions never end the update goes on all the same."""
    manners = QueryPriority()
    with manners.query():
        for step in (manners.yield_to_queries, manners.wait_for_idle):
            begun = time.monotonic()
            step()
            assert time.monotonic() - begun >= query_priority.MAX_WAIT_SECONDS


@pytest.mark.usefixtures("patient")
def test_a_lull_is_behind_an_answer() -> None:
    """Where questions come one after another it begins when the next one is answered."""
    manners = QueryPriority()
    with manners.query():
        pass
    with _question(manners) as answer, _update(manners.wait_for_idle) as done:
        assert not done.wait(0.1)
        answer()
        assert done.wait(LIMIT / 2)


def test_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside questions the store is given little at a time, and nothing is lost."""
    function = "def bake_{0}(loaf):\n    loaf.baked = {0}\n    return loaf\n\n\n"
    root = write(tmp_path / "bakery", {"oven.py": "".join(function.format(n) for n in range(200))})
    sizes: list[int] = []
    waits: list[bool] = []
    upsert, flush = EdgeStore.upsert, EdgeStore.flush

    def upserted(self: EdgeStore, points: list[Point]) -> None:
        sizes.append(len(points))
        upsert(self, points)

    def flushed(self: EdgeStore, wait_for_idle: Callable[[], None] | None = None) -> None:
        waits.append(wait_for_idle is not None)
        flush(self, wait_for_idle)

    monkeypatch.setattr(query_priority, "IDLE_SECONDS", 60.0)
    monkeypatch.setattr(EdgeStore, "upsert", upserted)
    monkeypatch.setattr(EdgeStore, "flush", flushed)
    with Index.open(root, Config(home=tmp_path / "home")) as index:
        with index.query_priority.query():
            pass
        assert update(index).functions == 200
        assert index.store.count() == sum(sizes) == 201
    assert max(sizes) <= 64
    assert waits[0]


def test_many_workers_step_back_and_are_not_kept(tmp_path: Path) -> None:
    """Beside a process that answers they have a lower priority; with them goes the memory that they took."""
    files = [tmp_path / f"m{n}.py" for n in range(8)]
    for file in files:
        file.write_text("def a(): pass\n")
    sources = [SourceFile(f.name, f, f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    before = {child.pid for child in psutil.Process().children()}
    reserve = IdleWorker()
    with WorkerPool(Setup("repo", "", 1_000_000, 10.0, ()), 2, reserve) as pool:
        workers = [child for child in psutil.Process().children() if child.pid not in before]
        assert len(workers) == 2
        lower = min(psutil.Process().nice() + 10, 19)
        assert {worker.nice() for worker in workers} == {lower}
        assert len(list(pool.run(sources))) == len(files)
    assert {child.pid for child in psutil.Process().children()} == before
    reserve.close()


def test_what_is_gone_is_not_written_back(tmp_path: Path) -> None:
    """A dangling link and a folder that is not there are in nobody's way."""
    write(tmp_path, {"a/b.dat": "x"})
    (tmp_path / "a/link").symlink_to(tmp_path / "nowhere")
    write_back(tmp_path)
    write_back(tmp_path / "none")
    assert (tmp_path / "a/b.dat").read_text() == "x"
