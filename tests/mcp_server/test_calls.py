"""Calls in progress: they can be cancelled, they report, and a failing host is an error of one call."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from mcp import ClientSession
from mcp.shared.memory import create_client_server_memory_streams

from indexer.errors import StoreError
from mcp_server import asking
from mcp_server.folders import EventHandler
from mcp_server.server import ToolServer
from tests.support.waiting import LIMIT

from .sessions import run

HIT = {
    "path": "a.py", "start_line": 1, "end_line": 2, "symbol": "a", "kind": "function", "language": "python",
    "score": 1.0, "text": "def a():\n    pass",
}  # fmt: skip


class HostDouble:
    """A host that answers what it is told, and records what was cancelled. It is its own finder, too."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        """Answers or errors, one for each request; None is a request that is never answered."""
        self.refreshes: list[Any] = []
        """Errors of updates, or their progress; without any, the index is up to date."""
        self.cancelled = asyncio.Event()
        self.waiting = asyncio.Event()
        self.starts = 0
        self.on_event: EventHandler = lambda name, params: None
        self.indexed = True

    def root_of(self, folder: Path) -> Path:
        return folder

    def is_indexed(self, root: Path) -> bool:
        return self.indexed

    async def connect(self, root: Path, on_event: EventHandler) -> HostDouble:
        self.on_event = on_event
        self.starts += 1
        if self.starts == 1 and self.answers and self.answers[0] == "no start":
            self.answers.pop(0)
            raise StoreError("the host could not start")
        return self

    async def request(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        if params and params.get("refresh"):
            if not self.refreshes:
                return {"hits": []}
            answer = self.refreshes.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return {"hits": [], "indexing": answer}
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            assert isinstance(answer, dict)
            return answer
        try:
            self.waiting.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        raise AssertionError

    async def close(self) -> None:
        return


class _Session:
    """A client in this process, with a server whose host is a double."""

    def __init__(self, folder: Path) -> None:
        self.host = HostDouble()
        self.tools = ToolServer("1", self.host, [folder], folder)

    async def __aenter__(self) -> ClientSession:
        self._streams = create_client_server_memory_streams()
        (incoming, outgoing), server_side = await self._streams.__aenter__()
        server = self.tools.server
        self._serving = asyncio.create_task(server.run(*server_side, server.create_initialization_options()))
        self.client = await ClientSession(incoming, outgoing).__aenter__()
        await self.client.initialize()
        return self.client

    async def __aexit__(self, *error: Any) -> None:
        await self.client.__aexit__(*error)
        await self._streams.__aexit__(*error)
        await self._serving
        await self.tools.close()


def test_a_cancelled_call_ends_the_request_at_the_host(tmp_path: Path) -> None:
    async def client() -> None:
        served = _Session(tmp_path)
        async with served as session:
            served.host.answers = [None, {"hits": [HIT]}]
            call = asyncio.create_task(session.call_tool("search", {"query": "a"}))
            await served.host.waiting.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await served.host.cancelled.wait()
            again = await session.call_tool("search", {"query": "a"})
            assert isinstance(again, types.CallToolResult)
            assert again.structured_content["results"][0]["path"] == "a.py"

    run(client)


def test_a_host_that_fails_is_started_again(tmp_path: Path) -> None:
    async def client() -> None:
        served = _Session(tmp_path)
        async with served as session:
            served.host.answers = ["no start", {"hits": [HIT]}, ValueError("unexpected")]
            first = await session.call_tool("search", {"query": "a"})
            assert isinstance(first, types.CallToolResult)
            assert first.is_error
            assert "could not start" in str(first.content)
            second = await session.call_tool("search", {"query": "a"})
            assert isinstance(second, types.CallToolResult)
            assert not second.is_error
            third = await session.call_tool("search", {"query": "a"})
            assert isinstance(third, types.CallToolResult)
            assert third.is_error
            assert "a bug in cornea (ValueError)" in str(third.content)

    run(client)


def test_progress_while_the_index_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer is asked for again; then it comes with a note of how much is indexed."""
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(asking, "_PROGRESS_SECONDS", 0.01)
    building = {"hits": [], "indexing": {"done": 3, "total": 9, "first": True}}

    async def client() -> None:
        served = _Session(tmp_path)
        reported: list[tuple[float, float | None]] = []
        seen = asyncio.Event()

        async def on_progress(done: float, total: float | None, message: str | None) -> None:
            reported.append((done, total))
            seen.set()

        async with served as session:
            served.host.answers = [None, building, building]
            call = asyncio.create_task(
                session.call_tool("search", {"query": "a"}, progress_callback=on_progress)
            )
            await served.host.waiting.wait()
            served.host.on_event("progress", {"done": 3, "total": 9, "fragments": 1})
            await seen.wait()
            assert reported[0] == (3, 9)
            call.cancel()
            found = await session.call_tool("search", {"query": "a"})
            assert isinstance(found, types.CallToolResult)
            assert found.structured_content == {
                "results": [],
                "text": "nothing found",
                "notes": ["indexing: 3 of 9 files; answers come from these files"],
            }

    run(client)


def test_hosts_are_started_when_the_tools_are_listed(tmp_path: Path) -> None:
    async def client() -> None:
        served = _Session(tmp_path)
        async with served as session:
            await session.list_tools()
            while not served.host.starts:
                await asyncio.sleep(0.01)

    run(client)


def test_a_search_does_not_wait_for_a_first_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call ends with a note, and the request with it. Later, when there is something, it waits."""
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.05)

    async def client() -> None:
        served = _Session(tmp_path)
        served.host.indexed = False
        async with served as session:
            served.host.answers = [None, {"hits": [HIT], "indexing": {"done": 1, "total": 2, "first": True}}]
            found = await session.call_tool("search", {"query": "a"})
            assert isinstance(found, types.CallToolResult)
            assert found.structured_content["results"] == []
            assert "use grep meanwhile" in found.structured_content["notes"][0]
            await served.host.cancelled.wait()
            monkeypatch.setattr(asking, "PATIENCE_SECONDS", LIMIT)
            found = await session.call_tool("search", {"query": "a"})
            assert isinstance(found, types.CallToolResult)
            assert found.structured_content["results"][0]["path"] == "a.py"
            monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.05)
            served.host.answers = [None]
            served.host.waiting.clear()
            call = asyncio.create_task(session.call_tool("search", {"query": "a"}))
            await served.host.waiting.wait()
            await asyncio.sleep(0.1)
            assert not call.done()
            call.cancel()

    run(client)


def test_a_search_does_not_wait_for_an_update_of_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is answered from what is indexed, with a note of how much that is."""
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", LIMIT * 2)

    async def client() -> None:
        served = _Session(tmp_path)
        async with served as session:
            served.host.answers = [{"hits": [HIT]}] * 2
            served.host.refreshes = [{"done": 3, "total": 5_000}] * 100
            first = asyncio.create_task(session.call_tool("search", {"query": "a"}))
            while not served.host.starts:
                await asyncio.sleep(0.01)
            served.host.on_event("progress", {"done": 4, "total": 5_000, "fragments": 1})
            found = await session.call_tool("search", {"query": "a"})
            assert isinstance(found, types.CallToolResult)
            assert found.structured_content["notes"] == [
                "indexing: 4 of 5,000 new and changed files; answers come from what is indexed so far"
            ]
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first

    run(client)


def test_an_index_that_may_be_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new host first compares the files; a failure is a note of each answer."""
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", LIMIT)

    async def client() -> None:
        for refreshes, notes in (
            ([{"done": 3, "total": 9}], []),  # done within the time that the first call waits
            (
                [StoreError("the disk is full")],
                ["the index could not be updated, so answers may be out of date: the disk is full"],
            ),
        ):
            served = _Session(tmp_path)
            served.host.refreshes = list(refreshes)
            served.host.answers = [{"hits": [HIT]}]
            async with served as session:
                found = await session.call_tool("search", {"query": "a"})
                assert isinstance(found, types.CallToolResult)
                assert found.structured_content.get("notes", []) == notes

    run(client)


def test_an_update_that_takes_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer comes before its end, and says how far it is."""
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.0)

    async def client() -> None:
        served = _Session(tmp_path)
        served.host.refreshes = [{"done": 3, "total": 9}] * 1_000
        served.host.answers = [{"hits": [HIT]}, {"hits": [HIT]}]
        async with served as session:
            found = await session.call_tool("search", {"query": "a"})
            assert isinstance(found, types.CallToolResult)
            assert found.structured_content["notes"] == [asking._UNCHECKED]
            served.host.on_event("progress", {"done": 3, "total": 9, "fragments": 1})
            found = await session.call_tool("search", {"query": "a"})
            assert isinstance(found, types.CallToolResult)
            assert "3 of 9 new and changed files" in found.structured_content["notes"][0]

    run(client)


def test_the_state_of_an_answer(tmp_path: Path) -> None:
    """Unsaved text, changed files and an unknown name are said, and results are marked."""
    state = {
        "updated": 1.0, "files": 5, "changed": 2, "buffers": 1, "whole": True, "skipped": 0, "restricted": [],
    }  # fmt: skip

    async def client() -> None:
        served = _Session(tmp_path)
        served.host.answers = [
            {"hits": [HIT | {"source": "buffer"}], "state": state, "unknown": {"name": "b", "nearest": ["a"]}}
        ]
        async with served as session:
            found = await session.call_tool("search", {"query": "b"})
            assert isinstance(found, types.CallToolResult)
            assert found.structured_content["results"][0]["source"] == "buffer"
            assert found.structured_content["notes"] == [
                "2 files have changed since the index was updated; what is new there may be missing",
                "no definition named b; nearest: a",
                "text that is unsaved in an editor: a.py",
            ]

    run(client)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("related", {"kind": "callers", "of": "a"}),
        ("related", {"kind": "co-changed", "of": "a.py:1"}),
        ("locate", {"text": "It fails"}),
    ],
)
def test_what_takes_too_long_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, arguments: dict[str, Any]
) -> None:
    """The call ends before the client gives up, and says so; the host's work is not thrown away."""
    monkeypatch.setattr(asking, "LONGEST_SECONDS", 0.05)
    (tmp_path / "a.py").touch()

    async def client() -> None:
        served = _Session(tmp_path)
        served.host.answers = [None]
        async with served as session:
            found = await session.call_tool(tool, arguments)
            assert isinstance(found, types.CallToolResult)
            assert found.is_error
            assert "call again in a minute" in str(found.content)
            assert not served.host.cancelled.is_set()

    run(client)
