"""What clients should not do, and how the process ends."""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.waiting import LIMIT

from ..e2e.cli import Cli
from ..hosts import closed
from .editor import COMMAND
from .wire import Wire


@pytest.fixture
def wire(stores: Cli) -> Iterator[Wire]:
    """A server that nobody has said anything to yet."""
    wire = Wire(stores)
    yield wire
    wire.close()


def test_an_orderly_end(wire: Wire, stores: Cli) -> None:
    """shutdown, then exit: 0."""
    wire.initialize(stores.folder)
    assert wire.leave() == 0


def test_exit_without_shutdown(wire: Wire) -> None:
    """1, as the protocol has it."""
    wire.initialize()
    wire.notify("exit")
    assert wire.ended() == 1


def test_a_client_that_is_gone(wire: Wire) -> None:
    """The end of the stream is the end of the server."""
    wire.initialize()
    assert wire.process.stdin is not None
    wire.process.stdin.close()
    assert wire.ended() == 1


def test_messages_out_of_order(wire: Wire, stores: Cli) -> None:
    """Each request gets an error that names the order; the session goes on."""
    wire.request(1, "workspace/symbol", {"query": "a"})
    assert wire.answer(1)["error"]["code"] == -32002
    wire.initialize(stores.folder)
    wire.request(2, "initialize", {"processId": None, "capabilities": {}})
    assert wire.answer(2)["error"]["code"] == -32600
    wire.notify("$/cancelRequest", {"id": 99})
    wire.say({"jsonrpc": "2.0", "id": "nobody asked", "result": 1})
    wire.request(3, "shutdown")
    assert wire.answer(3)["result"] is None
    wire.request(4, "workspace/symbol", {"query": "a"})
    assert wire.answer(4)["error"]["code"] == -32600
    wire.notify("exit")
    assert wire.ended() == 0


WRONG: list[tuple[bytes, int | None]] = [
    (b"{", -32700),
    (b"\xff\xfe", -32700),
    (b"[" * 5000, -32700),
    (b"[]", -32600),
    (b"17", -32600),
    (b'{"id": 7, "method": "shutdown"}', -32600),
    (b'{"jsonrpc": "2.0", "id": 7, "method": 5}', -32600),
    (b'{"jsonrpc": "2.0", "id": 7, "method": "no/such"}', -32601),
    (b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/completion", "params": {"position": 3}}', -32602),
    (b'{"jsonrpc": "2.0", "id": 7, "method": "workspace/symbol", "params": []}', -32602),
    (b'{"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": 4}}', -32602),
    (b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": 1}}', None),
    (b'{"jsonrpc": "2.0", "method": "no/such"}', None),
]


def test_messages_that_make_no_sense(wire: Wire) -> None:
    """Each is answered with the error that the protocol has for it, and the session goes on."""
    wire.initialize()
    wire.raw(b"X-Nonsense: 1\r\n")
    for body, code in WRONG:
        wire.body(body)
        if code is None:
            continue
        message: dict[str, Any] = {}
        while "error" not in message:
            message = wire.messages.get(timeout=LIMIT)
        assert message["error"]["code"] == code, body
    assert wire.leave() == 0


def test_noise(wire: Wire, stores: Cli) -> None:
    """Messages with pieces torn out and put elsewhere never end the session."""
    wire.initialize(stores.folder)
    chance = random.Random(7)
    uri = (stores.folder / "src/item.py").as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": "a\nb\n"}
    good = [
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
            "textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "é😀", "range": {
                "start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 1}}}]}},
        {"jsonrpc": "2.0", "id": 5, "method": "textDocument/completion", "params": {
            "textDocument": {"uri": uri}, "position": {"line": 1, "character": 4}}},
        {"jsonrpc": "2.0", "id": 6, "method": "textDocument/inlineCompletion", "params": {
            "textDocument": {"uri": uri}, "position": {"line": 0, "character": 4},
            "context": {"triggerKind": 1}}},
    ]  # fmt: skip
    for _ in range(300):
        body = bytearray(json.dumps(chance.choice(good)).encode())
        for _ in range(chance.choice((0, 1, 1, 3))):
            at = chance.randrange(len(body))
            how = chance.randrange(3)
            if how == 0:
                del body[at : at + chance.randrange(1, 8)]
            elif how == 1:
                body[at] = chance.randrange(256)
            else:
                body[at:at] = body[:: chance.choice((-1, 2))][:5]
        wire.body(bytes(body))
    wire.request(1000, "cornea.nothing")
    assert wire.answer(1000)["error"]["code"] == -32601
    assert wire.leave() == 0


def test_standard_output_is_the_protocols(stores: Cli) -> None:
    """A file is no client: that is an error in words, not a hanging process."""
    done = stores("lsp", stdin="")
    assert done.code in (1, 2)
    assert done.out == ""


def test_a_device_that_cannot_be_waited_for_is_no_client(stores: Cli) -> None:
    """As `cornea lsp < /dev/null`: an error in one line, at once."""
    done = subprocess.run(
        stores.command("lsp"), cwd=stores.folder, env=stores.environment(), stdin=subprocess.DEVNULL,
        capture_output=True, timeout=LIMIT,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"let an editor start" in done.stderr
    assert b"Traceback" not in done.stderr


def _listening(process: subprocess.Popen[bytes]) -> int:
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    assert "listening on 127.0.0.1:" in line
    return int(line.rpartition(":")[2])


def test_over_tcp(stores: Cli) -> None:
    """One client at an address, which is told; the process ends with it."""
    wire = Wire(stores, (*COMMAND, "--tcp", "127.0.0.1:0"), read_stderr=False)
    try:
        with socket.create_connection(("127.0.0.1", _listening(wire.process)), 20) as client:
            stream = client.makefile("rwb")

            def ask(message: dict[str, Any]) -> Any:
                body = json.dumps({"jsonrpc": "2.0", **message}).encode()
                stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
                stream.flush()
                while "id" in message:
                    length = int(stream.readline().split(b":")[1])
                    while stream.readline().strip():
                        pass
                    answer = json.loads(stream.read(length))
                    if answer.get("id") == message["id"] and "method" not in answer:
                        return answer["result"]
                return None

            folder = {"uri": stores.folder.as_uri(), "name": "stores"}
            capabilities = ask({"id": 1, "method": "initialize", "params": {
                "processId": None, "capabilities": {}, "workspaceFolders": [folder]}})  # fmt: skip
            assert capabilities["serverInfo"]["name"] == "cornea"
            ask({"method": "initialized", "params": {}})
            found = ask({"id": 2, "method": "workspace/symbol", "params": {"query": "find_order"}})
            assert found[0]["name"].endswith("find_order")
            assert ask({"id": 3, "method": "shutdown"}) is None
            ask({"method": "exit"})
            assert wire.process.wait(LIMIT) == 0
    finally:
        wire.close()


def test_a_second_client_is_refused(stores: Cli) -> None:
    """Also one that comes before the first is greeted: it is hung up on, and does not wait for ever."""
    wire = Wire(stores, (*COMMAND, "--tcp", "127.0.0.1:0"), read_stderr=False)
    try:
        port = _listening(wire.process)
        wire.process.send_signal(signal.SIGSTOP)
        with (
            socket.create_connection(("127.0.0.1", port), LIMIT) as first,
            socket.create_connection(("127.0.0.1", port), LIMIT) as second,
        ):
            wire.process.send_signal(signal.SIGCONT)
            assert closed(second)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 20)
            body = b'{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}'
            first.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            assert first.recv(15) == b"Content-Length:"
    finally:
        wire.close()


def test_an_address_that_is_taken(stores: Cli) -> None:
    """The error has the address once, and as it is written."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        where = f"[::1]:{taken.getsockname()[1]}"
        done = stores("lsp", "--tcp", where)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"cornea: error: --tcp {where}: address already in use; name another address\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tcp", "nowhere"], "expected HOST:PORT"),
        (["--tcp", "127.0.0.1:1", "--stdio"], "--stdio contradicts --tcp"),
        (["--tcp", "203.0.113.1:1"], "name another address"),
        (["--log-file", "/no/such/folder/log"], "name another file"),
    ],
)
def test_wrong_options(stores: Cli, options: list[str], said: str) -> None:
    """An error in one line, and 2."""
    done = stores("lsp", *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_log_file(stores: Cli) -> None:
    """What is logged goes to a file, too."""
    place = stores.home / "server.log"
    wire = Wire(stores, (*COMMAND, "--log-file", str(place)))
    wire.initialize(stores.folder)
    assert wire.leave() == 0
    assert "shutdown" in place.read_text()
