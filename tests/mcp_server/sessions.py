"""Sessions of real clients: one that the library starts, and one that sends any bytes at all."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import jsonschema
import mcp_types as types
from mcp import ClientSession, StdioServerParameters, stdio_client

from tests.support.waiting import LIMIT

from ..e2e.cli import Cli

HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def command(*arguments: str) -> list[str]:
    return ["-W", "error", "-m", "cornea", "mcp", *arguments]


@asynccontextmanager
async def connected(
    cli: Cli, *arguments: str, folder: Path | None = None, roots: list[Path] | None = None
) -> AsyncIterator[ClientSession]:
    """A client that has started the server and greeted it. With `roots`, it says that it has these open."""

    async def list_roots(context: Any) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=one.as_uri()) for one in roots or ()])  # type: ignore[arg-type]

    parameters = StdioServerParameters(
        command=sys.executable, args=command(*arguments), env=cli.environment(), cwd=folder or cli.folder
    )
    async with (
        stdio_client(parameters) as (incoming, outgoing),
        ClientSession(
            incoming, outgoing, list_roots_callback=list_roots if roots is not None else None
        ) as session,
    ):
        await session.initialize()
        yield session


async def answered(session: ClientSession, tool: str, **arguments: Any) -> tuple[dict[str, Any], str]:
    """The structured content, which conforms to the tool's schema, and the text of a call that succeeds."""
    result = await session.call_tool(tool, arguments)
    assert isinstance(result, types.CallToolResult)
    assert isinstance(result.content[0], types.TextContent)
    text = result.content[0].text
    assert not result.is_error, text
    listed = {one.name: one for one in (await session.list_tools()).tools}
    jsonschema.validate(result.structured_content, listed[tool].output_schema or {})
    return result.structured_content, text


async def refused(session: ClientSession, tool: str, **arguments: Any) -> str:
    """What a call that has to fail says."""
    result = await session.call_tool(tool, arguments)
    assert isinstance(result, types.CallToolResult)
    assert isinstance(result.content[0], types.TextContent)
    assert result.is_error, result.content[0].text
    return result.content[0].text


def run(client: Callable[[], Awaitable[None]]) -> None:
    """Run a client to its end."""

    async def limited() -> None:
        await asyncio.wait_for(client(), LIMIT)

    asyncio.run(limited())


class Wire:
    """The server's process, to which a test may write anything. Each answer is one line."""

    def __init__(self, cli: Cli, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *command(*arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=cli.environment(), cwd=cli.folder,
        )  # fmt: skip

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        if self.process.stdin is not None and self.process.stdin.closed:
            self.process.stdin = None
        with suppress(OSError, ValueError):  # the test has closed a stream, or the server has
            self.process.communicate()

    def raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, method: str, number: Any = None, **params: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.raw(json.dumps(message | ({"id": number} if number is not None else {})).encode() + b"\n")

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def greet(self) -> None:
        self.send("initialize", 0, **HELLO)
        assert self.receive()["id"] == 0
        self.send("notifications/initialized")

    def end(self) -> tuple[int, str, str]:
        """End the input. Returns the exit code, and what was still written to both streams."""
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, out.decode(), err.decode()
