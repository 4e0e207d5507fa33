"""The server of a host, with a service that has a bug."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cornea.commands import host
from indexer.errors import InternalError, StoreError, UsageError
from retrieval.host import frames, server
from retrieval.host.address import read_note
from retrieval.host.client import AsyncClient
from retrieval.host.server import HostServer
from retrieval.host.settings import HostKey
from tests.support.waiting import LIMIT, until_in_loop

T = TypeVar("T")


class NoMemory(dict[str, Any]):
    """An answer that does not fit into memory as JSON."""

    def items(self) -> Any:
        raise MemoryError


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
        if "type" in params:
            return {"hits": {"no", "JSON"}}
        if "memory" in params:
            return NoMemory(hits=[])
        if "text" in params:
            raise ValueError(params["text"])
        return {"hits": [1 // len(params)]}

    async def close(self) -> None:
        """Nothing is held."""


def serve(
    folder: Path,
    broken: Broken,
    job: Callable[[AsyncClient], Awaitable[T]],
    say: Callable[[str], None] = lambda line: None,
) -> T:
    """The result of a job with a client of a server."""
    key = HostKey(folder, folder, "1.2.3", "settings")

    async def scenario() -> T:
        made = HostServer(key, 600.0)
        serving = asyncio.create_task(made.serve(broken, say))
        await until_in_loop(lambda: read_note(folder))
        client = await AsyncClient.connect(key)
        assert client is not None
        try:
            return await job(client)
        finally:
            await client.close()
            made.leave("the test is over")
            await serving

    return asyncio.run(scenario())


@pytest.mark.parametrize("interim", [False, True])
def test_a_bug_is_reported_as_one(tmp_path: Path, interim: bool) -> None:
    """With the version, and the log that has the traceback, if there is a log. The host goes on."""

    async def job(client: AsyncClient) -> InternalError:
        with pytest.raises(InternalError) as caught:
            await client.request("search", {})
        assert await client.request("search", {"query": "x"}) == {"hits": [1]}
        return caught.value

    log: list[str] = []
    error = serve(tmp_path, Broken(interim=interim), job, log.append)
    place = "" if interim else str(tmp_path / "host.log")
    assert (error.version, error.log) == ("1.2.3", place)
    assert str(error).startswith("this is a bug in cornea 1.2.3 (ZeroDivisionError: ")
    place = place or "the output of the process that indexes, if it runs with -v"
    assert str(error).endswith(f"; please report it with the traceback in {place}")
    assert log[log.index("bug in 'search':") + 1].startswith("Traceback")
    assert any(line.strip().startswith('return {"hits": [1 // len(params)]}') for line in log)


@pytest.mark.parametrize(
    ("params", "kind", "says"),
    [
        ({"type": 1}, InternalError, "TypeError: .* not JSON serializable"),
        ({"memory": 1}, StoreError, "not enough memory"),
        ({"length": 1}, UsageError, r"a message of \d+ bytes, where 1 are allowed; ask for less"),
    ],
)
def test_an_answer_that_cannot_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, params: dict[str, Any], kind: type[Exception], says: str
) -> None:
    """The client gets an error instead of waiting for ever."""

    def limited(message: dict[str, Any], limit: int = frames.MAX_ANSWER) -> bytes:
        return frames.pack(message, 1 if message.get("result") == {"hits": [1]} else limit)

    monkeypatch.setattr(server, "pack", limited)

    async def job(client: AsyncClient) -> None:
        with pytest.raises(kind, match=says):
            await asyncio.wait_for(client.request("search", params), LIMIT)

    serve(tmp_path, Broken(interim=False), job)


def test_a_traceback_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command of the host writes each of its lines as one."""

    async def job(client: AsyncClient) -> None:
        with pytest.raises(InternalError):
            await client.request("search", {})

    serve(tmp_path, Broken(interim=False), job, host._log)
    lines = capsys.readouterr().err.splitlines()
    first = next(number for number, line in enumerate(lines) if line.endswith(" bug in 'search':"))
    assert lines[first + 1].endswith(" Traceback (most recent call last):")
    assert any(line.endswith('    return {"hits": [1 // len(params)]}') for line in lines[first:])
    assert not any("\\n" in line or "\\x0a" in line for line in lines)


def test_the_log_stays_short(tmp_path: Path) -> None:
    """However often a bug is met, and whatever its message quotes. Another bug is written, too."""
    log: list[str] = []

    async def job(client: AsyncClient) -> None:
        for _ in range(3):
            with pytest.raises(InternalError):
                await client.request("search", {})
        with pytest.raises(InternalError):
            await client.request("search", {"type": 1})
        with pytest.raises(InternalError):
            await client.request("search", {"text": ("x" * 1_000 + "\n") * 1_000})

    serve(tmp_path, Broken(interim=False), job, log.append)
    assert log.count("bug in 'search':") == 3
    assert max(map(len, log)) == 500
    assert len(log) < 500
