"""The server of a host, with a service that has a bug."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import InternalError
from retrieval.host.address import read_note
from retrieval.host.client import AsyncClient
from retrieval.host.host_key import HostKey
from retrieval.host.server import HostServer
from tests.support.waiting import until_in_loop


class Broken:
    """Answers requests, if they do not hit its bug."""

    fingerprint = "settings"

    def __init__(self, *, interim: bool) -> None:
        self.interim = interim

    def start(self) -> None:
        """Nothing runs in the background."""

    def reload_settings(self) -> None:
        """There are none."""

    async def answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"hits": [1 // len(params)]}

    async def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("interim", [False, True])
def test_a_bug_is_reported_as_one(tmp_path: Path, interim: bool) -> None:
    """With the version, and the log that has the traceback, if there is a log. The host goes on."""
    key = HostKey(tmp_path, tmp_path, "1.2.3", "settings")
    log: list[str] = []

    async def scenario() -> InternalError:
        server = HostServer(key, 600.0)
        serving = asyncio.create_task(server.serve(Broken(interim=interim), log.append))
        await until_in_loop(lambda: read_note(tmp_path))
        client = await AsyncClient.connect(key)
        assert client is not None
        with pytest.raises(InternalError) as caught:
            await client.request("search", {})
        assert await client.request("search", {"query": "x"}) == {"hits": [1]}
        await client.close()
        server.leave("the test is over")
        await serving
        return caught.value

    error = asyncio.run(scenario())
    place = "" if interim else str(tmp_path / "host.log")
    assert (error.version, error.log) == ("1.2.3", place)
    assert str(error).startswith("this is a bug in cornea 1.2.3 (ZeroDivisionError: ")
    assert (place or "`cornea -v ...`") in str(error)
    (traceback,) = (text for text in log if "Traceback" in text)
    assert traceback.startswith("bug in 'search':\n")
    assert "1 // len(params)" in traceback
