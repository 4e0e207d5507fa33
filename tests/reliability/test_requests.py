"""Whatever a client sends to the language server: each request is answered, and the server lives."""

from __future__ import annotations

import os
import queue
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..e2e.cli import Cli
from ..lsp.conftest import FILES, TYPED
from ..lsp.editor import CAPABILITIES
from ..lsp.wire import Wire
from ..repositories import repository, write
from ..support.waiting import LIMIT

BATCH = 50
"""Messages between two looks whether all was answered."""
INTERNAL = -32603
SEED = int(os.environ.get("CORNEA_SEED", "16"))
_LARGE = 'x = {"é": [1, 2, 3]}\n'
METHODS = (
    "textDocument/inlineCompletion textDocument/completion textDocument/hover "
    "textDocument/codeAction textDocument/documentSymbol textDocument/references "
    "textDocument/prepareCallHierarchy callHierarchy/incomingCalls callHierarchy/outgoingCalls "
    "workspace/symbol completionItem/resolve workspace/executeCommand textDocument/didOpen "
    "textDocument/didChange textDocument/didSave textDocument/didClose workspace/didChangeWatchedFiles "
    "workspace/didChangeWorkspaceFolders workspace/didChangeConfiguration $/cancelRequest $/setTrace "
    "window/workDoneProgress/cancel notebookDocument/didOpen notebookDocument/didClose initialize "
    "initialized textDocument/definition no/such"
).split()
NOTIFICATIONS = frozenset(
    one for one in METHODS if "did" in one or one.startswith("$/") or one == "initialized"
)
COMMANDS = ("search", "similar", "locate", "reindex", "status", "nothing")


class Client:
    """A client without manners: hostile paths, sizes, values and orders, by one seed."""

    def __init__(self, seed: int, home: Path, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.uris = _uris(home, folder)
        self.open: list[str] = []

    def message(self, number: int) -> dict[str, Any]:
        """Any message; a request has `number` for its id."""
        method = self.chance.choice(METHODS)
        message = {"jsonrpc": "2.0", "method": method, "params": self.torn(self.params(method))}
        as_request = (method not in NOTIFICATIONS) ^ (self.chance.random() < 0.02)
        return {**message, "id": number} if as_request else message

    def params(self, method: str) -> Any:
        """What a method takes, with values that nobody should send."""
        document = {"uri": self.uri(), "version": self.number(), "languageId": self.word()}
        at = {"textDocument": document, "position": self.position()}
        folder = {"uri": self.uri(), "name": self.word()}
        known: dict[str, Callable[[], Any]] = {
            "textDocument/inlineCompletion": lambda: at | {"context": {"triggerKind": 1, **self.chosen()}},
            "textDocument/completion": lambda: at | {"context": {"triggerKind": 1}},
            "textDocument/hover": lambda: at,
            "textDocument/documentSymbol": lambda: at,
            "textDocument/definition": lambda: at,
            "textDocument/references": lambda: at | {"context": {"includeDeclaration": True}},
            "textDocument/prepareCallHierarchy": lambda: at,
            "callHierarchy/incomingCalls": lambda: {"item": self.item()},
            "callHierarchy/outgoingCalls": lambda: {"item": self.item()},
            "textDocument/codeAction": lambda: at | {"range": self.range(), "context": {"diagnostics": []}},
            "textDocument/didOpen": lambda: {"textDocument": document | {"text": self.text()}},
            "textDocument/didChange": lambda: {"textDocument": document, "contentChanges": self.changes()},
            "textDocument/didSave": lambda: {"textDocument": document},
            "textDocument/didClose": lambda: {"textDocument": document},
            "workspace/symbol": lambda: (
                {"query": self.text(), "partialResultToken": self.word()}
                if self.chance.random() < 0.3
                else {"query": self.word()}
            ),
            "workspace/executeCommand": self.command,
            "workspace/didChangeWatchedFiles": lambda: {"changes": [{"uri": self.uri(), "type": 1}] * 3},
            "workspace/didChangeWorkspaceFolders": lambda: {
                "event": {"added": [folder] * self.chance.randrange(2), "removed": [folder]}
            },
            "workspace/didChangeConfiguration": lambda: {
                "settings": {"cornea": {self.word(): self.number()}}
            },
            "completionItem/resolve": lambda: {"label": self.word(), "data": {"uri": self.uri()}},
            "$/cancelRequest": lambda: {"id": self.chance.choice((1, self.number(), self.word()))},
            "$/setTrace": lambda: {"value": self.chance.choice(("off", "verbose", self.word()))},
            "window/workDoneProgress/cancel": lambda: {"token": self.word()},
            "notebookDocument/didOpen": lambda: {
                "notebookDocument": {"uri": self.uri(), "notebookType": "x", "version": 1, "cells": []},
                "cellTextDocuments": [document | {"text": ""}],
            },
            "notebookDocument/didClose": lambda: {
                "notebookDocument": document,
                "cellTextDocuments": [document],
            },
            "initialize": lambda: {"processId": 1, "rootUri": self.uri(), "capabilities": {}},
        }
        return known.get(method, dict)()

    def item(self) -> dict[str, Any]:
        """An item of a call hierarchy, which the server has never made."""
        data = {"path": self.word(), "line": self.number(), "column": self.number()}
        ranges = {"range": self.range(), "selectionRange": self.range()}
        return {"name": self.word(), "kind": 12, "uri": self.uri(), "data": data, **ranges}

    def command(self) -> dict[str, Any]:
        """One of our commands, with an argument of ours or anything."""
        argument = {
            "query": self.text(),
            "text": self.text(),
            "uri": self.uri(),
            "position": self.position(),
            "range": self.range(),
            "limit": self.chance.choice((1, 10, 200, self.number())),
        }
        kept = {name: value for name, value in argument.items() if self.chance.random() < 0.6}
        arguments = self.chance.choice(([kept], [kept], [kept], [self.text()], [kept, kept], []))
        return {"command": f"cornea.{self.chance.choice(COMMANDS)}", "arguments": arguments}

    def torn(self, value: Any) -> Any:
        """The value, now and then with one of its parts taken away or something else in its place."""
        if isinstance(value, dict) and value and self.chance.random() < 0.04:
            name = self.chance.choice(list(value))
            if self.chance.random() < 0.5:
                return {key: one for key, one in value.items() if key != name}
            return value | {name: self.chance.choice((None, [], {}, 0, -1, 1.5, True, "x", "\ud800", [[]]))}
        if isinstance(value, dict):
            return {key: self.torn(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.torn(one) for one in value]
        return value

    def uri(self) -> str:
        return self.chance.choice(self.uris)

    def word(self) -> str:
        return self.chance.choice(
            (
                "find_order",
                "python",
                "",
                " ",
                "\0",
                "ü" * 300,
                "\ud800",
                "../..",
                "a\r\nb",
                "json",
                "(",
                '"',
                "x:1",
            )
        )

    def text(self) -> str:
        small = (
            TYPED,
            "",
            "\r\n" * 50,
            "\0\ufeff\u2028\udfff",
            "(" * 3000,
            "é😀\r",
            "find_order fails",
            "\n" * 999,
        )
        return (
            self.chance.choice(small)
            if self.chance.random() < 0.97
            else _LARGE * self.chance.choice((999, 90_000))
        )

    def number(self) -> int:
        return self.chance.choice((0, 1, 5, -1, 2**31, 2**63, -(2**70), 10**30))

    def position(self) -> dict[str, int]:
        numbers = (0, 1, 5, 31, 2**31 - 1, self.number())
        return {"line": self.chance.choice(numbers), "character": self.chance.choice(numbers)}

    def range(self) -> dict[str, Any]:
        return {"start": self.position(), "end": self.position()}

    def chosen(self) -> dict[str, Any]:
        if self.chance.random() < 0.7:
            return {}
        return {"selectedCompletionInfo": {"range": self.range(), "text": self.text()}}

    def changes(self) -> list[dict[str, Any]]:
        change: dict[str, Any] = {"text": self.text()}
        if self.chance.random() < 0.7:
            change["range"] = self.range()
        return [change] * self.chance.randrange(4)


def _uris(home: Path, folder: Path) -> list[str]:
    """What a client may call a document or a folder."""
    os.mkfifo(folder / "src" / "pipe.py")
    os.mkfifo(home / "pipe")
    (folder / "linked").symlink_to("src")
    (folder / "out").symlink_to(home)
    (folder / "loop").symlink_to("loop")
    (folder / "dead.py").symlink_to("nowhere")
    other = repository(home / "other", {"oven.py": FILES["src/user.py"].replace("user", "loaf")})
    names = (
        *(f"{folder}/{way}src/{name}" for way in ("", "linked/../") for name in ("item.py", "order.py")),
        folder / "linked/user.py", folder / "src/pipe.py", folder, folder / "src", folder / "loop",
        folder / "loop/a.py", folder / "dead.py", folder / "out/pipe", other / "oven.py", home / "pipe",
        home / "missing" / "a.py", "/", "//", "/dev/stdin", "/dev/zero", "/dev/null", "/dev/fd/0",
        "/proc/self/mem", "/proc/kmsg", "/etc/passwd", f"{folder}/src/%2e%2e/x.py", f"{folder}/%ff.py",
        f"{folder}/a%00b", f"{folder}/a%0ab.py", f"{folder}/{'a' * 300}", f"{folder}/{'a/' * 3000}",
    )  # fmt: skip
    return [
        *(f"file://{name}" for name in names),
        folder.as_uri().replace("//", "//localhost", 1) + "/src/item.py",
        "file://server/share/a.py", "file://[x/y", "file:", "file:x", "", "x", ":", "untitled:",
        "untitled:..", f"vscode-notebook-cell:{folder}/a.ipynb#W0", "http://x", "file://" + "x" * 9000,
        "untitled:a/../b.py", "untitled:/etc/passwd", "untitled:\ud800", "untitled:Untitled-1", "git:/x?{}",
        "vscode-notebook-cell:/x/a.ipynb#W0",
    ]  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tmp_path / "home", write(tmp_path / "stores", FILES))
    yield cli
    for folder in (cli.folder, cli.folder / "src", tmp_path / "other"):
        if folder.is_dir():
            cli("-C", str(folder), "host", "stop")


class Session:
    """A server with a client without manners, which also answers the server's own requests as it likes."""

    def __init__(self, cli: Cli, client: Client) -> None:
        self.wire, self.seen = Wire(cli), Counter[str]()
        self._client, self._folder = client, cli.folder
        self._number = 0

    def begin(self) -> None:
        folders = [{"uri": self._folder.as_uri(), "name": "stores"}]
        first = {"processId": 2**40, "capabilities": CAPABILITIES, "workspaceFolders": folders}
        first["initializationOptions"] = {
            "documentSymbols": {"languages": ["all"]},
            "navigation": {"languages": ["all"]},
        }
        self.wire.request(0, "initialize", first)
        assert "result" in self.wire.answer(0)
        self.wire.notify("initialized", {})

    def send(self, count: int, but: str = "") -> dict[int, str]:
        """Send so many messages: those that must be answered, by their ids."""
        expected: dict[int, str] = {}
        for _ in range(count):
            self._number += 1
            message = self._client.message(self._number)
            if message["method"] == but:
                continue
            self.wire.say(message)
            if "id" in message:
                expected[self._number] = f"{message['method']} {message['params']}"[:300]
        return expected

    def answered(self, expected: dict[int, str]) -> None:
        """Wait until each has its answer; one that comes twice, or was not asked for, fails."""
        left = dict(expected)
        while left:
            try:
                message = self.wire.messages.get(timeout=LIMIT)
            except queue.Empty:
                raise AssertionError(f"no answer to {left}; {self.wire.process.poll()}") from None
            if "method" in message:
                self._reply(message)
            elif message["id"] is not None:
                assert message["id"] in left, message
                asked = left.pop(message["id"])
                error = message.get("error")
                assert error is None or error["code"] != INTERNAL, (asked, message)
                self.seen["errors" if error else "results"] += 1

    def fine(self) -> None:
        """A plain request has a plain answer, nobody was told of a bug, and the end is in order."""
        uri = (self._folder / "src" / "order.py").as_uri()
        for one in self._client.uris:
            self.wire.notify("textDocument/didClose", {"textDocument": {"uri": one}})
        event = {"added": [{"uri": self._folder.as_uri(), "name": "stores"}], "removed": []}
        self.wire.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        self.wire.command("cornea.reindex", {"uri": uri})
        found = self.wire.symbols("find_order")
        assert any(one == uri and "find_order" in name for one, name in found), found
        self.ended()

    def ended(self) -> None:
        assert self.wire.leave() == 0
        said = [*self.wire.logged, *self.wire.shown, self.wire.stderr.decode()]
        bugs = {one for one in said if "bug in cornea" in one or "Traceback" in one}
        assert not bugs, "\n".join(bugs)

    def _reply(self, message: dict[str, Any]) -> None:
        """Answer what the server asks for: rightly, wrongly, twice, or not at all."""
        if "id" not in message:
            return
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        error = {"code": -32601, "message": "no"}
        any_reply = ({"result": None}, {"result": [3]}, {"result": {"x": []}}, {"error": error}, {"error": 1})
        for _ in range(self._client.chance.randrange(3)):
            self.wire.say(reply | self._client.chance.choice(any_reply))


def test_any_requests(
    own: Cli, tmp_path: Path, scale: Callable[[int, int], int], measured: Callable[[str], object]
) -> None:
    """10,000 messages: each request is answered once, and the server serves on and ends well."""
    count, started = scale(400, 10_000), time.monotonic()
    session = Session(own, Client(SEED, tmp_path, own.folder))
    try:
        session.begin()
        for _ in range(count // BATCH):
            session.answered(session.send(BATCH))
        session.fine()
    finally:
        session.wire.close()
    measured(f"{count:,} messages in {time.monotonic() - started:.0f} s: {dict(session.seen)}")


def test_any_order(own: Cli, tmp_path: Path, scale: Callable[[int, int], int]) -> None:
    """Messages before the first and behind the last one, and an end while requests are under way."""
    client = Client(SEED + 1, tmp_path, own.folder)
    for _ in range(scale(2, 20)):
        session = Session(own, client)
        try:
            session.answered(session.send(20, but="initialize"))
            session.begin()
            expected = session.send(client.chance.randrange(60))
            session.wire.request(-5, "shutdown")
            expected |= session.send(20)
            session.answered(expected | {-5: "shutdown"})
            session.wire.notify("exit")
            assert session.wire.ended() == 0
        finally:
            session.wire.close()
        assert b"Traceback" not in session.wire.stderr
