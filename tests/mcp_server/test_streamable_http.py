"""The server over HTTP: only with the token, only for this machine's names."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from indexer.errors import UsageError
from mcp_server.streamable_http import VARIABLE, token_of
from tests.support.waiting import LIMIT

from ..e2e.cli import Cli
from .sessions import HELLO, answered, command, run

_TOKEN = "a-token-of-these-tests"


@pytest.fixture(scope="module")
def address(shop: Cli) -> Iterator[str]:
    """The address of a server with the token of these tests."""
    process = subprocess.Popen(
        [sys.executable, *command("--http", "0")], stderr=subprocess.PIPE, text=True,
        env=shop.environment({VARIABLE: _TOKEN}), cwd=shop.folder,
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()
    assert _TOKEN not in first
    found = re.search(r"http://127\.0\.0\.1:\d+/mcp", first)
    assert found is not None, first
    yield found[0]
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LIMIT)
    assert "Traceback" not in err


def test_a_session(address: str) -> None:
    async def client() -> None:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {_TOKEN}"}, timeout=LIMIT) as http,
            streamable_http_client(address, http_client=http) as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            found, _ = await answered(session, "search", query="hash_password")
            assert found["results"][0]["path"] == "src/auth.py"

    run(client)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": _TOKEN}, 401),
        ({"Authorization": f"Bearer {_TOKEN}"}, 200),
        ({"Authorization": f"Bearer {_TOKEN}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {_TOKEN}", "Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Authorization": f"Bearer {_TOKEN}", "Origin": "http://evil.example"}, 403),
        ({"Authorization": f"Bearer {_TOKEN}", "Origin": "null"}, 403),
    ],
)
def test_headers(address: str, headers: dict[str, str], status: int) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}
    accepted = {"Accept": "application/json, text/event-stream"}
    answer = httpx2.post(address, json=message, headers=accepted | headers, timeout=LIMIT)
    assert answer.status_code == status
    assert _TOKEN not in answer.text


@pytest.mark.parametrize("text", ["short", "with a space in it", "ünïcödé-ünïcödé-ünïcödé", "x" * 5_000, ""])
def test_tokens_that_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="token"):
        token_of(file)
    with pytest.raises(UsageError, match="No such file"):
        token_of(tmp_path / "missing")


def test_where_tokens_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file comes before the environment; without both, each run has a token of its own."""
    monkeypatch.delenv(VARIABLE, raising=False)
    (first, is_new), (second, _) = token_of(None), token_of(None)
    assert is_new
    assert first != second
    monkeypatch.setenv(VARIABLE, "from-the-environment")
    assert token_of(None) == ("from-the-environment", False)
    file = tmp_path / "token"
    file.write_text("from-a-file-of-mine\n", "utf-8")
    assert token_of(file) == ("from-a-file-of-mine", False)


def test_a_port_that_is_taken(shop: Cli, address: str) -> None:
    port = address.rpartition(":")[2].removesuffix("/mcp")
    done = shop("mcp", "--http", port)
    assert done.code == 2
    assert f"--http {port}: address already in use" in done.err
