"""A host's index within this process: what happens while nobody asks, and under questions that do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.index.index import Index
from indexer.store import EVERYTHING, memory
from retrieval.config import SearchConfig
from retrieval.host import activity, idle_maintenance, updates
from retrieval.host.messages import CANCELLED, LEAVING, RequestRefused
from retrieval.host.methods import QueryContext
from retrieval.host.service import Service
from retrieval.host.settings import HostSettings, fingerprint
from tests.e2e.cli import FILES
from tests.repositories import write
from tests.support.waiting import LIMIT, until_in_loop

QUESTION = {"query": "how are passwords hashed"}


def test_compaction_under_questions(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is exchanged for a smaller one while it is asked: no answer fails, nothing is lost."""
    monkeypatch.setattr(
        idle_maintenance, "needs_compaction", lambda index: index.manifest.get_number("written") > 0
    )
    monkeypatch.setattr(activity, "IDLE_SECONDS", 0.05)

    async def job(made: Service) -> None:
        index = made.index
        before, store = index.store.count(EVERYTHING), index.store_if_open
        write(index.root, {"src/new.py": "def new(): pass\n"})
        await made._updates.refresh()

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
        await made._updates.refresh()  # the update at the start releases memory too, and is over now
        answer = await made.answer("search", dict(QUESTION))
        assert memory.mapped(made.index.folder)
        monkeypatch.setattr(memory, "release", measured)
        monkeypatch.setattr(activity, "IDLE_SECONDS", 0.1)

        async def given_back() -> bool:
            assert (await made.answer("search", dict(QUESTION)))["hits"] == answer["hits"]
            return any(after < before / 4 for before, after in released)

        await until_in_loop(given_back, pause=0.2)
        assert (await made.answer("search", dict(QUESTION)))["hits"] == answer["hits"]

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
    held, original = threading.Event(), updates.ensure

    def slow(*args: Any, **options: Any) -> Any:
        assert held.wait(LIMIT)
        return original(*args, **options)

    monkeypatch.setattr(updates, "ensure", slow)

    async def job(made: Service) -> None:
        write(made.index.root, {"src/quokka.py": "def quokka(): pass\n"})
        update = asyncio.ensure_future(made._updates.refresh())
        answer = await made.answer("search", dict(QUESTION))
        assert answer["hits"][0]["path"] == "src/auth.py"
        assert answer["indexing"] == {"done": 0, "total": 0, "first": False}
        assert answer["state"]["changed"] != 0
        made.index.manifest.set_meta(missing="3")
        assert not (await made.answer("search", dict(QUESTION)))["state"]["whole"]
        assert not update.done()
        held.set()
        assert (await update).added == 1
        answer = await made.answer("search", {"query": "quokka"})
        assert answer["hits"][0]["path"] == "src/quokka.py"
        assert "indexing" not in answer
        assert answer["state"]["whole"]

    run(job)


def test_questions_during_a_long_update(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wants an answer of the files as they are now gets one of those that are indexed, with how many."""
    monkeypatch.setattr(updates, "UPDATE_SECONDS", 0.1)
    reached, go = threading.Event(), threading.Event()

    async def job(made: Service) -> None:
        await made._updates.refresh()
        observe = made._updates._observe

        def slow(progress: Any) -> None:
            made._updates._progress_sent = 0.0
            observe(progress)
            if progress.done == 2:
                reached.set()
                assert go.wait(LIMIT)

        monkeypatch.setattr(made._updates, "_observe", slow)
        write(made.index.root, {f"src/new{n}.py": f"def new{n}(): pass\n" for n in range(3)})
        update = asyncio.ensure_future(made._updates.refresh())
        await asyncio.to_thread(reached.wait, LIMIT)
        try:
            answer = await made.answer("search", {**QUESTION, "refresh": True})
        finally:
            go.set()
        assert answer["hits"][0]["path"] == "src/auth.py"
        assert answer["indexing"] == {"done": 2, "total": 3, "first": False}
        assert "report" not in answer
        await update
        monkeypatch.setattr(updates, "UPDATE_SECONDS", LIMIT)
        answer = await made.answer("search", {**QUESTION, "refresh": True})
        assert "indexing" not in answer
        assert "report" in answer

    run(job)


def test_queries_keep_their_settings(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query that runs while the settings change goes on with what it began with, which is then closed."""
    held = threading.Event()
    closed: list[QueryContext] = []

    def close(context: QueryContext) -> None:
        closed.append(context)

    monkeypatch.setattr(QueryContext, "close", close)

    def slow(context: QueryContext) -> tuple[QueryContext, int]:
        before = context.config.limit
        assert held.wait(LIMIT)
        assert (context.config.limit, closed) == (before, [])
        return context, before

    async def job(made: Service) -> None:
        queries = made._queries
        first = asyncio.ensure_future(queries.run(slow, slow=True))
        await asyncio.sleep(0)
        before, config = made.fingerprint, made.index.config
        changed = HostSettings(config, SearchConfig(reranker="none"))
        monkeypatch.setattr(made, "_reload", lambda: changed)
        made.reload_settings()
        assert made.fingerprint != before
        second, reranker = await queries.run(lambda context: (context, context.config.reranker))
        assert (reranker, closed) == ("none", [])
        held.set()
        assert (await first)[0] is not second
        assert await queries.run(lambda context: context, slow=True) is second
        assert closed == [(await first)[0]]

    run(job)


def test_an_update_keeps_its_settings(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that are read while an update runs are given to the index when that update is over.

    But queries have them at once.
    """
    buffer = {"path": "a.py", "text": "def bake(loaf):\n    return loaf\n"}
    begun, go, original = threading.Event(), threading.Event(), updates.ensure

    def slow(index: Index, *args: Any, **options: Any) -> Any:
        before = index.config
        begun.set()
        assert go.wait(LIMIT)
        assert index.config is before
        return original(index, *args, **options)

    async def job(made: Service) -> None:
        monkeypatch.setattr(made._watcher, "_update_now", lambda batch: None)  # the test alone updates
        await made._updates.refresh()
        monkeypatch.setattr(updates, "ensure", slow)
        update = asyncio.ensure_future(made._updates.refresh())
        await asyncio.to_thread(begun.wait, LIMIT)
        try:
            assert (await made.answer("outline", dict(buffer)))["definitions"]
            changed = HostSettings(replace(made.index.config, max_file_bytes=10), SearchConfig())
            monkeypatch.setattr(made, "_reload", lambda: changed)
            made.reload_settings()
            assert made.fingerprint == fingerprint(changed.config, changed.search)
            assert "definitions" not in await made.answer("outline", dict(buffer))
        finally:
            go.set()
        await update
        assert await made._updates.run(lambda: made.index.config) == changed.config
        assert (await made._updates.refresh()).removed == len(FILES)

    run(job)


def test_a_halted_update(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the update has written stays. Waiting callers get an error. The next update does the rest."""
    reached, go = threading.Event(), threading.Event()

    async def job(made: Service) -> None:
        monkeypatch.setattr(made._watcher, "_update_now", lambda batch: None)  # the test alone updates
        await made._updates.refresh()
        observe = made._updates._observe

        def slow(progress: Any) -> None:
            if progress.done == 2:
                reached.set()
                assert go.wait(LIMIT)
            observe(progress)

        monkeypatch.setattr(made._updates, "_observe", slow)
        write(made.index.root, {f"src/new{n}.py": f"def new{n}(): pass\n" for n in range(4)})
        update = asyncio.ensure_future(made._updates.refresh())
        await asyncio.to_thread(reached.wait, LIMIT)
        await made.answer("halt", {})
        go.set()
        with pytest.raises(RequestRefused) as caught:
            await update
        assert caught.value.kind == CANCELLED
        monkeypatch.setattr(made._updates, "_observe", observe)
        assert (await made.answer("reindex", {}))["report"]["added"] == 2

    run(job)
