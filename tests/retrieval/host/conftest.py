"""A small repository whose host the first client starts, and a host's service within the test's process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.analysis.worker_pool import IdleWorker
from indexer.errors import InternalError
from indexer.index.index import Index
from indexer.pipeline import ensure
from retrieval.config import SearchConfig
from retrieval.host.service import Service
from retrieval.host.settings import HostSettings
from tests.e2e.cli import FILES
from tests.hosts import Site, site
from tests.indexes import config
from tests.repositories import isolate, write


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """One for a test that does something to its host or files."""
    with site(tmp_path, FILES, monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of a module that only ask."""
    with pytest.MonkeyPatch.context() as patch, site(tmp_path_factory.mktemp("mall"), FILES, patch) as made:
        with made.client() as client:
            client.request("reindex")
        yield made


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
