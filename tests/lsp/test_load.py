"""Much at once: storms of requests, large documents, cancellation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import LIMIT, process_time_below

from ..e2e.cli import Cli
from .conftest import TYPED
from .test_inline import END, LINE
from .wire import Wire


@pytest.fixture
def wire(stores: Cli) -> Iterator[Wire]:
    """A server that is ready, with TYPED open."""
    wire = Wire(stores)
    wire.initialize(stores.folder)
    wire.request(1, "workspace/executeCommand", {"command": "cornea.reindex"})
    assert "result" in wire.answer(1)
    yield wire
    wire.close()


def _open(wire: Wire, stores: Cli, text: str) -> str:
    uri = (stores.folder / "src/item.py").as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    wire.notify("textDocument/didOpen", {"textDocument": document})
    return uri


def _change(wire: Wire, uri: str, version: int, text: str, line: int, column: int) -> None:
    at = {"line": line, "character": column}
    change = {"range": {"start": at, "end": at}, "text": text}
    document = {"uri": uri, "version": version}
    wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})


def _ask(wire: Wire, number: int, uri: str, line: int, column: int) -> None:
    place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
    wire.request(number, "textDocument/inlineCompletion", {**place, "context": {"triggerKind": 2}})


def _host(wire: Wire) -> int:
    """The process that answers for the folder; to be asked before anything else is on its way."""
    wire.request(3, "workspace/executeCommand", {"command": "cornea.status"})
    return int(wire.answer(3)["result"]["roots"][0]["pid"])


def _memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


def test_a_storm(wire: Wire, stores: Cli) -> None:
    """200 changes with a request each, in two seconds: the last is answered, and nothing piles up.

    What is left to do is judged by processor time: the clock would judge the machine.
    """
    uri = _open(wire, stores, TYPED)
    _ask(wire, 2, uri, LINE, END)
    assert wire.answer(2)["result"]["items"]
    before = _memory(wire.process.pid)
    host, begun = _host(wire), time.monotonic()
    for n in range(200):
        _change(wire, uri, 2 + n, "x" if n % 2 else "#", 0, 0)
        _ask(wire, 100 + n, uri, LINE, END)
        time.sleep(max(0.0, begun + n / 100 - time.monotonic()))
    with process_time_below(2.0, wire.process.pid, host):
        assert "error" not in wire.answer(299)
    assert _memory(wire.process.pid) - before < 30_000_000
    _ask(wire, 400, uri, LINE, END)
    assert "error" not in wire.answer(400)


def test_every_request_of_a_storm_is_answered(wire: Wire, stores: Cli) -> None:
    """Those that were overtaken, too: a client waits for each."""
    uri = _open(wire, stores, TYPED)
    for n in range(50):
        _ask(wire, 100 + n, uri, LINE, END)
    seen: set[int] = set()
    while len(seen) < 50:
        message = wire.messages.get(timeout=LIMIT)
        if "method" not in message:
            assert "error" not in message
            seen.add(message["id"])
    assert seen == set(range(100, 150))


def test_a_document_of_a_megabyte(wire: Wire, stores: Cli) -> None:
    """It can be typed in, and answered about."""
    lines = TYPED.count("\n")
    text = TYPED + "# é\nvalue = {'key': [1, 2, 3]}\n" * 32_000
    assert len(text.encode()) > 1_000_000
    uri = _open(wire, stores, text)
    with process_time_below(10.0, wire.process.pid):
        for n in range(50):
            _change(wire, uri, 2 + n, "y = 1\n", lines + 20_000, 0)
        _ask(wire, 2, uri, LINE, END)
        assert wire.answer(2)["result"]["items"]


def test_a_request_that_is_cancelled(wire: Wire, stores: Cli) -> None:
    """It is answered as such, or was done before; the next one is not disturbed."""
    uri = _open(wire, stores, TYPED)
    _ask(wire, 2, uri, LINE, END)
    wire.notify("$/cancelRequest", {"id": 2})
    answer = wire.answer(2)
    assert answer.get("error", {}).get("code", -32800) == -32800
    _ask(wire, 3, uri, LINE, END)
    assert wire.answer(3)["result"]["items"]
