"""A host's service when something fails in the background: bugs, errors, and settings that change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from indexer.errors import StoreError
from indexer.index.manifest import Manifest
from indexer.store import memory
from retrieval.config import SearchConfig
from retrieval.host import activity, idle_maintenance, service, updates
from retrieval.host.service import Service
from retrieval.host.settings import HostSettings, fingerprint
from tests.support.waiting import until_in_loop

QUESTION = {"query": "how are passwords hashed"}


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
