"""A command that answers while it indexes, when its server has a bug."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from indexer.index.index import Index
from indexer.pipeline import Progress
from retrieval.config import SearchConfig
from retrieval.host.interim import InterimService, UpdateState
from retrieval.host.server import HostServer
from retrieval.host.settings import HostKey
from tests.indexes import config


def test_a_bug_in_the_events_ends_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The update waits for the end of the server, and would wait for ever."""

    def broken(self: HostServer, name: str, params: dict[str, Any]) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(HostServer, "notify", broken)

    async def scenario(index: Index) -> None:
        server = HostServer(HostKey(tmp_path, tmp_path, "1.2.3", "settings"), 600.0)
        service = InterimService(UpdateState(index, SearchConfig(), True, Progress()), server)
        with pytest.raises(KeyError):
            await service._watch_update()
        assert server.leaving
        await service.close()

    root = tmp_path / "root"
    root.mkdir()
    with Index.open(root, config(tmp_path / "home")) as index:
        asyncio.run(scenario(index))
