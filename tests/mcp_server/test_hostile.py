"""Whatever a client sends is answered, and nothing but messages is written to standard output."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mcp_server.stdio import MAX_MESSAGE
from tests.support.waiting import LIMIT

from ..e2e.cli import Cli
from .sessions import Wire, command

_CALL = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search","arguments":{"query":%s}}}'


def test_what_is_no_message(shop: Cli) -> None:
    """Each line has an error with its id, if it has one, and the session goes on."""
    with Wire(shop) as wire:
        wire.greet()
        for line, code, number in (
            (b"garbage", -32700, None),
            (b"[" * 100_000, -32700, None),
            (b"\xff\xfe\x00", -32700, None),
            (b"[]", -32600, None),
            (b'{"jsonrpc":"2.0","id":"\xff","method":"x"}', -32700, None),
            (b'{"jsonrpc":"2.0","id":"\t","method":"x"}', -32700, None),
            (b'{"jsonrpc":"1.0","id":5,"method":"ping"}', -32600, 5),
            (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, None),
            (b'{"id":"six",' + b"x" * (MAX_MESSAGE + 1), -32600, "six"),
            (b'{"jsonrpc":"2.0","id":1,"method":"nope"}', -32601, 1),
            (b'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":5}}', -32602, 2),
            (b'{"jsonrpc":"2.0","id":3,"method":"tools/call","params":[1]}', -32600, 3),
        ):
            wire.raw(line + b"\n")
            answer = wire.receive()
            assert (answer["error"]["code"], answer["id"]) == (code, number), line[:60]
        wire.raw((_CALL % '"hash_password \\ud800"').encode() + b"\n")
        assert wire.receive()["result"]["structuredContent"]["results"]
        wire.raw((_CALL % json.dumps("x" * 1_000_000)).encode() + b"\n")
        assert "at most 10,000 characters" in wire.receive()["result"]["content"][0]["text"]
        wire.raw((_CALL % json.dumps("a\0" * 1_000)).encode() + b"\n")
        assert "result" in wire.receive()
        assert wire.end() == (0, "", "")


def test_calls_before_the_greeting(shop: Cli) -> None:
    with Wire(shop) as wire:
        for method in ("tools/list", "tools/call"):
            wire.send(method, 1, name="search", arguments={"query": "a"})
            assert "send `initialize` first" in wire.receive()["error"]["message"]
        wire.greet()
        wire.send("tools/list", 2)
        assert len(wire.receive()["result"]["tools"]) == 3
        assert wire.end() == (0, "", "")


def test_the_end_of_the_input(shop: Cli) -> None:
    """What was asked before is answered, then the server ends; so does one whose client says nothing."""
    with Wire(shop) as wire:
        wire.greet()
        for number in (1, 2):
            wire.send("tools/call", number, name="search", arguments={"query": "hash_password"})
        code, out, err = wire.end()
        assert (code, err) == (0, "")
        assert {json.loads(line)["id"] for line in out.splitlines()} == {1, 2}
    with Wire(shop) as wire:
        assert wire.end() == (0, "", "")


def test_a_client_that_is_gone(shop: Cli) -> None:
    """The server notices at the end of its input, although it cannot answer any more."""
    with Wire(shop) as wire:
        wire.greet()
        assert wire.process.stdout is not None
        assert wire.process.stdin is not None
        wire.process.stdout.close()
        wire.send("tools/list", 1)
        wire.process.stdin.close()
        assert wire.process.wait(LIMIT) == 0


@pytest.mark.parametrize("arguments", [("--token-file", "x"), ("--http", "70000"), ("--root", "nowhere")])
def test_wrong_options(shop: Cli, arguments: tuple[str, ...]) -> None:
    done = shop("mcp", *arguments)
    assert done.code == 2
    assert len(done.err.splitlines()) <= 3
    assert done.out == ""


def test_started_by_hand(shop: Cli) -> None:
    """As `cornea mcp < /dev/null`: an error in one line, at once."""
    done = subprocess.run(
        [sys.executable, *command()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=shop.environment(),
        cwd=shop.folder,
        timeout=LIMIT,
    )
    assert done.returncode == 2
    assert b"standard input is not a pipe" in done.stderr


def test_without_the_library(shop: Cli) -> None:
    """The error has the command that installs it, and only that of a version that is new enough counts."""
    script = "import sys; sys.modules['mcp_types'] = None; from cornea.cli import run; sys.exit(run(['mcp']))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=shop.environment(),
        cwd=shop.folder,
        timeout=LIMIT,
    )
    assert done.returncode == 2
    assert b"`cornea mcp` needs mcp 2.3 or newer, which is not installed; run: " in done.stderr
    assert b"mcp" in done.stderr.partition(b"run: ")[2]
