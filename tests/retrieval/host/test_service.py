"""A host's index within this process: what happens while nobody asks, and under questions that do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.analysis.worker_pool import IdleWorker
from indexer.errors import InternalError, StoreError
from indexer.index.index import Index
from indexer.index.manifest import Manifest
from indexer.pipeline import ensure
from indexer.store import EVERYTHING, memory
from retrieval.config import SearchConfig
from retrieval.host import activity, idle_maintenance, service, updates
from retrieval.host.messages import CANCELLED, LEAVING, RequestRefused
from retrieval.host.methods import QueryContext
from retrieval.host.service import Service
from retrieval.host.settings import HostSettings, fingerprint
from tests.e2e.cli import FILES
from tests.indexes import config
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT, until_in_loop

QUESTION = {"query": "how are passwords hashed"}


@pytest.fixture
def bugs() -> Iterator[list[tuple[str, Exception]]]:
    """What a service reports. A test removes what it expects."""
    reported: list[tuple[str, Exception]] = []
    yield reported
    assert not reported


@pytest.fixture
def events() -> list[tuple[str, Any]]:
    """The events that a service sends."""
    return []


@pytest.fixture
def run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bugs: list[tuple[str, Exception]],
    events: list[tuple[str, Any]],
) -> Callable[[Callable[[Service], Awaitable[Any]]], Any]:
    """Has a service of a small index in an event loop, and closes both."""
    isolate(monkeypatch, tmp_path / "user")
    root, settings = write(tmp_path / "root", FILES), HostSettings(config(tmp_path / "home"), SearchConfig())

    def report_bug(work: str, error: Exception) -> InternalError:
        bugs.append((work, error))
        return InternalError(error, "1.2.3", "host.log")

    def notify(name: str, params: dict[str, Any]) -> None:
        events.append((name, params))

    async def lived(job: Callable[[Service], Awaitable[Any]]) -> Any:
        with Index.open(root, settings.config, idle_worker=IdleWorker()) as index:
            ensure(index)
            made = Service(index, settings.search, lambda: settings, notify, lambda: None, report_bug)
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
    held, original = threading.Event(), updates.ensure

    def slow(*args: Any, **options: Any) -> Any:
        assert held.wait(LIMIT)
        return original(*args, **options)

    monkeypatch.setattr(updates, "ensure", slow)

    async def job(made: Service) -> None:
        write(made.index.root, {"src/quokka.py": "def quokka(): pass\n"})
        update = asyncio.ensure_future(made._updates.refresh())
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
    """What it has done stays; whoever waits for it is told; the next request for an update does the rest."""
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


def test_a_bug_in_an_update(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any],
    monkeypatch: pytest.MonkeyPatch,
    bugs: list[tuple[str, Exception]],
    events: list[tuple[str, Any]],
) -> None:
    """It is reported, the clients are told, and the status has it until an update succeeds."""

    def broken(*args: Any, **options: Any) -> Any:
        raise KeyError("oops")

    async def job(made: Service) -> None:
        monkeypatch.setattr(made._watcher, "_update_now", lambda batch: None)  # the test alone updates
        await made._updates.refresh()
        with monkeypatch.context() as patched:
            patched.setattr(updates, "ensure", broken)
            await made._watcher._update(frozenset())
            ((work, error),) = bugs
            assert (work, repr(error)) == ("an update", "KeyError('oops')")
            bugs.clear()
            (trouble,) = [params["message"] for name, params in events if name == "trouble"]
            assert trouble.startswith("this is a bug in cornea 1.2.3 (KeyError: ")
            assert (await made.answer("status", {}))["trouble"] == trouble
        await made._updates.refresh()
        assert (await made.answer("status", {}))["trouble"] == ""

    run(job)


@pytest.mark.parametrize("work", ["StoreAccess.open", "StoreAccess.run", "IdleMaintenance._compact"])
def test_a_bug_in_the_background(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any],
    monkeypatch: pytest.MonkeyPatch,
    bugs: list[tuple[str, Exception]],
    work: str,
) -> None:
    """It is reported, although nobody waits for the work, and the service goes on."""
    places = {
        "StoreAccess.open": (memory, "release"),
        "StoreAccess.run": (service, "warm"),
        "IdleMaintenance._compact": (idle_maintenance, "needs_compaction"),
    }
    patched = pytest.MonkeyPatch()

    def broken(*args: Any, **options: Any) -> Any:
        patched.undo()
        raise KeyError("oops")

    monkeypatch.setattr(activity, "IDLE_SECONDS", 0.05)
    patched.setattr(*places[work], broken)

    async def job(made: Service) -> None:
        await made._updates.refresh()
        made._updates.updated = 1.0  # something to compact
        await until_in_loop(lambda: bugs)
        assert [(work, repr(error)) for work, error in bugs] == [(work, "KeyError('oops')")]
        bugs.clear()
        assert (await made.answer("search", dict(QUESTION)))["hits"][0]["path"] == "src/auth.py"

    run(job)


def test_a_bug_in_new_settings(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any],
    monkeypatch: pytest.MonkeyPatch,
    bugs: list[tuple[str, Exception]],
) -> None:
    """Those are given to the index in the background."""

    def broken(config: Any) -> None:
        raise KeyError("oops")

    async def job(made: Service) -> None:
        monkeypatch.setattr(made._watcher, "_update_now", lambda batch: None)  # the test alone updates
        await made._updates.refresh()
        changed = HostSettings(replace(made.index.config, max_file_bytes=10), SearchConfig())
        monkeypatch.setattr(made, "_reload", lambda: changed)
        monkeypatch.setattr(made.index, "reconfigure", broken)
        made.reload_settings()
        await until_in_loop(lambda: bugs)
        assert [work for work, _ in bugs] == ["Updates.run"]
        bugs.clear()

    run(job)


def test_trouble_after_an_update(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any],
    monkeypatch: pytest.MonkeyPatch,
    events: list[tuple[str, Any]],
) -> None:
    """The clients are told if the manifest cannot be read when the update is over."""

    def refused(self: Manifest, path: str) -> None:
        raise StoreError("the manifest cannot be read")

    async def job(made: Service) -> None:
        monkeypatch.setattr(made._watcher, "_update_now", lambda batch: None)  # the test alone updates
        await made._updates.refresh()
        monkeypatch.setattr(Manifest, "entry", refused)
        await made._watcher._update(frozenset({"debug.log"}))

    run(job)
    assert [params for name, params in events if name == "trouble"] == [
        {"message": "the manifest cannot be read"}
    ]


def test_the_newest_settings_win(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop gets those that an update has read only after it has read newer ones itself."""

    async def job(made: Service) -> None:
        monkeypatch.setattr(made._watcher, "_update_now", lambda batch: None)
        await made._updates.refresh()
        older, newer = (HostSettings(made.index.config, SearchConfig(limit=limit)) for limit in (3, 4))
        monkeypatch.setattr(made, "_reload", lambda: older)
        made._reload_for_update()
        monkeypatch.setattr(made, "_reload", lambda: newer)
        made.reload_settings()
        await asyncio.sleep(0)
        assert made.fingerprint == fingerprint(newer.config, newer.search)
        assert made._queries.settings == newer.search

    run(job)
