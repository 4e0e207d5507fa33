"""A host's index within this process: what happens while nobody asks, and under questions that do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.index.index import Index
from indexer.pipeline import ensure
from indexer.store import EVERYTHING, memory
from retrieval.config import SearchConfig
from retrieval.host import idle_maintenance, service
from retrieval.host.messages import LEAVING, RequestRefused
from retrieval.host.service import Service
from retrieval.host.settings import HostSettings
from tests.e2e.cli import FILES
from tests.indexes import config
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT, until_in_loop

QUESTION = {"query": "how are passwords hashed"}


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Service], Awaitable[Any]]], Any]:
    """Has a service of a small index in an event loop, and closes both."""
    isolate(monkeypatch, tmp_path / "user")
    root, settings = write(tmp_path / "root", FILES), HostSettings(config(tmp_path / "home"), SearchConfig())

    async def lived(job: Callable[[Service], Awaitable[Any]]) -> Any:
        with Index.open(root, settings.config) as index:
            ensure(index)
            made = Service(index, settings.search, lambda: settings, lambda name, params: None, lambda: None)
            made.start()
            try:
                return await job(made)
            finally:
                await made.close()

    return lambda job: asyncio.run(lived(job))


def test_compaction_under_questions(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is exchanged for a smaller one while it is asked: no answer fails, nothing is lost."""
    monkeypatch.setattr(
        idle_maintenance, "needs_compaction", lambda index: index.manifest.get_number("written") > 0
    )
    monkeypatch.setattr(idle_maintenance, "IDLE_SECONDS", 0.05)

    async def job(made: Service) -> None:
        index = made.index
        before, store = index.store.count(EVERYTHING), index.store_if_open
        write(index.root, {"src/new.py": "def new(): pass\n"})
        await made.refresh()

        async def compacted() -> bool:
            assert (await made.answer("search", dict(QUESTION)))["hits"][0]["path"] == "src/auth.py"
            return index.store_if_open not in (None, store) and index.manifest.get_number("written") == 0

        await until_in_loop(compacted, pause=0.06)  # a little rest
        assert index.store.count(EVERYTHING) == before + 2
        assert (await made.answer("search", {"query": "new"}))["hits"][0]["path"] == "src/new.py"

    run(job)


def test_memory_is_given_back(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is mapped of the store is let go of after a while, and is there again when it is asked."""

    released: list[tuple[int, int]] = []
    original = memory.release

    def measured(folder: Path) -> None:
        before = resident(folder)
        original(folder)
        released.append((before, resident(folder)))

    async def job(made: Service) -> None:
        await made.refresh()  # the update at the start releases memory too, and is over now
        answer = await made.answer("search", dict(QUESTION))
        assert memory.mapped(made.index.folder)
        monkeypatch.setattr(memory, "release", measured)
        monkeypatch.setattr(idle_maintenance, "IDLE_SECONDS", 0.1)

        async def given_back() -> bool:
            assert await made.answer("search", dict(QUESTION)) == answer
            return any(after < before / 4 for before, after in released)

        await until_in_loop(given_back, pause=0.2)
        assert await made.answer("search", dict(QUESTION)) == answer

    run(job)


def resident(folder: Path) -> int:
    """Kilobytes of the mappings of a folder's files that are in memory."""
    total, counts = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ", 1)[0]:
            counts = str(folder) in line
        elif counts and line.startswith("Rss:"):
            total += int(line.split()[1])
    return total


def test_after_the_end(run: Callable[[Callable[[Service], Awaitable[Any]]], Any]) -> None:
    """Whoever asks too late is told to ask again: another host will be there."""

    async def job(made: Service) -> None:
        waiting = [asyncio.ensure_future(made.answer("search", dict(QUESTION))) for _ in range(5)]
        await asyncio.sleep(0)
        await made.close()
        for one in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(one, dict | asyncio.CancelledError | RequestRefused)
        with pytest.raises(RequestRefused) as caught:
            await made.answer("search", dict(QUESTION))
        assert caught.value.kind == LEAVING

    run(job)


def test_answers_before_all_is_indexed(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that has just started answers from what was indexed before, while it does what is missing."""
    held, original = threading.Event(), service.ensure

    def slow(*args: Any, **options: Any) -> Any:
        assert held.wait(LIMIT)
        return original(*args, **options)

    monkeypatch.setattr(service, "ensure", slow)

    async def job(made: Service) -> None:
        write(made.index.root, {"src/quokka.py": "def quokka(): pass\n"})
        update = asyncio.ensure_future(made.refresh())
        assert (await made.answer("search", dict(QUESTION)))["hits"][0]["path"] == "src/auth.py"
        assert not update.done()
        held.set()
        assert (await update).added == 1
        assert (await made.answer("search", {"query": "quokka"}))["hits"][0]["path"] == "src/quokka.py"

    run(job)


def test_questions_during_a_long_update(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wants an answer of the files as they are now gets one of those that are indexed, with how many."""
    monkeypatch.setattr(service, "UPDATE_SECONDS", 0.1)
    reached, go = threading.Event(), threading.Event()

    async def job(made: Service) -> None:
        await made.refresh()
        observe = made._observe

        def slow(progress: Any) -> None:
            made._progress_sent = 0.0
            observe(progress)
            if progress.done == 2:
                reached.set()
                assert go.wait(LIMIT)

        monkeypatch.setattr(made, "_observe", slow)
        write(made.index.root, {f"src/new{n}.py": f"def new{n}(): pass\n" for n in range(3)})
        update = asyncio.ensure_future(made.refresh())
        await asyncio.to_thread(reached.wait, LIMIT)
        try:
            answer = await made.answer("search", {**QUESTION, "refresh": True})
        finally:
            go.set()
        assert answer["hits"][0]["path"] == "src/auth.py"
        assert answer["indexing"] == {"done": 2, "total": 3, "first": False}
        assert "report" not in answer
        await update
        monkeypatch.setattr(service, "UPDATE_SECONDS", LIMIT)
        answer = await made.answer("search", {**QUESTION, "refresh": True})
        assert "indexing" not in answer
        assert "report" in answer

    run(job)
