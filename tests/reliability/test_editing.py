"""An editor session that goes on for days: edits and requests by the thousand, and memory that stays."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from ..e2e.cli import FILES, Cli
from ..lsp.wire import Wire
from ..repositories import write

WARM = 0.3
"""So much of it fills caches, and does not count."""


def _memory(pid: int) -> float:
    """MB resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


def test_many_edits_and_requests(
    tmp_path: Path, scale: Callable[[int, int], int], measured: Callable[[str], object]
) -> None:
    """Letters are typed and taken away again, ghost text, completion, symbols and hovers asked for."""
    cli = Cli(tmp_path / "home", write(tmp_path / "shop", FILES))
    count = scale(400, 10_000)
    wire = Wire(cli)
    try:
        wire.initialize(cli.folder)
        wire.request(1, "workspace/executeCommand", {"command": "cornea.reindex"})
        assert "result" in wire.answer(1)
        wire.request(2, "workspace/executeCommand", {"command": "cornea.status"})
        host = int(wire.answer(2)["result"]["roots"][0]["pid"])
        uri = (cli.folder / "src/auth.py").as_uri()
        text = (cli.folder / "src/auth.py").read_text()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        wire.notify("textDocument/didOpen", {"textDocument": item})
        chance = random.Random(5)
        before: dict[int, float] = {}
        for n in range(count):
            if n == int(count * WARM):
                before = {pid: _memory(pid) for pid in (wire.process.pid, host)}
            _edit(wire, uri, n)
            _ask(wire, uri, 10 + n, chance)
            assert "error" not in wire.answer(10 + n)
        for pid, megabytes in before.items():
            now = _memory(pid)
            measured(f"{'host' if pid == host else 'server'}: {megabytes:.0f} MB, then {now:.0f} MB")
            # The short form is over before the host's caches are full.
            assert now < 1.1 * megabytes + scale(40, 5)
        assert wire.leave() == 0
    finally:
        wire.close()
        cli("host", "stop")


def _edit(wire: Wire, uri: str, n: int) -> None:
    """A letter more on even turns; the same one gone again on odd ones."""
    start = {"line": 7, "character": 4}
    end = {"line": 7, "character": 5 if n % 2 else 4}
    change = {"range": {"start": start, "end": end}, "text": "" if n % 2 else "x"}
    document = {"uri": uri, "version": n + 2}
    wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})


def _ask(wire: Wire, uri: str, number: int, chance: random.Random) -> None:
    place = {"textDocument": {"uri": uri}, "position": {"line": chance.randrange(20), "character": 20}}
    method = chance.choice(("inlineCompletion", "completion", "hover", "symbol"))
    if method == "symbol":
        wire.request(number, "workspace/symbol", {"query": chance.choice(("hash", "session user", "Retry"))})
    elif method == "inlineCompletion":
        wire.request(number, f"textDocument/{method}", {**place, "context": {"triggerKind": 1}})
    else:
        wire.request(number, f"textDocument/{method}", place)
