"""The MCP server over long sessions, at its start, and with clients of another version of the library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import LIMIT

from ..e2e.cli import FILES, Cli
from ..mcp_server.sessions import HELLO, Wire
from ..repositories import write

MOST_BYTES = 5_000_000
OLD = "CORNEA_OLD_MCP"
"""The variable with a Python that has version 1 of the library."""
_OLDER_CLIENT = """
import asyncio, json, os, sys
from mcp import ClientSession, StdioServerParameters, stdio_client

async def main():
    parameters = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:], env=dict(os.environ))
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        found = await session.call_tool("search", {"query": "hash_password"})
        wrong = await session.call_tool("search", {"query": "a", "path": "../.."})
        print(json.dumps([tools, found.structuredContent["results"][0]["path"], wrong.isError]))

asyncio.run(main())
"""
_BARE = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("bare")
@server.tool()
def one(query: str) -> str:
    return query
server.run()
"""


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    found = Cli(tmp_path / "home", write(tmp_path / "shop", FILES))
    assert found("index").code == 0
    yield found
    found("host", "stop")


def test_memory_of_a_long_session(cli: Cli, scale: Callable[[int, int], int]) -> None:
    """1,000 calls, hostile ones among them, add less than 5 MB."""
    with Wire(cli) as wire:
        wire.greet()
        process = psutil.Process(wire.process.pid)

        def call(number: int) -> None:
            tool, arguments = (
                ("search", {"query": f"hash a password {number}"}),
                ("related", {"kind": "similar", "of": f"src/auth.py:{number % 20 + 1}"}),
                ("search", {"query": "x" * 100_000}),
                ("search", {"query": "a", "path": f"../{number}"}),
                ("locate", {"text": f"verify_password fails {number}"}),
            )[number % 5]
            wire.send("tools/call", number, name=tool, arguments=arguments)
            assert wire.receive()["id"] == number

        for number in range(50):
            call(number)
        before = process.memory_info().rss
        for number in range(scale(100, 1_000)):
            call(number)
        assert process.memory_info().rss - before < MOST_BYTES


def test_the_start_costs_no_more_than_that_of_a_plain_server(cli: Cli) -> None:
    """In processor time, until the tools are listed; a second more would be an import that should be late."""

    def seconds(command: list[str]) -> float:
        messages = [
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO},
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
        ]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=cli.environment(), cwd=cli.folder
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for message in messages:
                process.stdin.write(json.dumps(message).encode() + b"\n")
                process.stdin.flush()
                if "id" in message:
                    assert b'"result"' in process.stdout.readline()
            times = psutil.Process(process.pid).cpu_times()
            process.stdin.close()
        return times.user + times.system

    bare = seconds([sys.executable, "-c", _BARE])
    assert seconds(cli.command("mcp")) < bare + 1.0


@pytest.mark.skipif(not os.environ.get(OLD), reason=f"{OLD} names no Python with version 1 of mcp")
def test_a_client_of_version_1(cli: Cli) -> None:
    done = subprocess.run(
        [os.environ[OLD], "-c", _OLDER_CLIENT, *cli.command("mcp")],
        env=cli.environment(),
        cwd=cli.folder,
        capture_output=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == [["search", "locate", "related"], "src/auth.py", True]
