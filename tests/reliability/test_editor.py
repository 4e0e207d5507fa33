"""A day of editing: one language server, one host, thousands of edits and requests."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ..e2e.cli import Cli
from ..lsp.conftest import STORE
from ..lsp.wire import Wire
from ..repositories import write

FILES = 150
NOUNS = ("user", "order", "item", "parcel", "loaf", "ticket", "letter", "lamp", "river", "garden")
TYPED = "    def find_again(self, key):\n        if key not in self.table:\n            raise KeyError"
GROWTH = 1.10
WARMING = 40
"""Megabytes that caches take in the first hundreds of steps, which is all that the short form does."""
_OWN = re.compile(r"^RssAnon:\s+(\d+) kB", re.MULTILINE)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Cli]:
    """A folder of many like files."""
    names = [f"{NOUNS[n % len(NOUNS)]}{n}" for n in range(FILES)]
    files = {f"src/{name}.py": STORE.format(name=name, Name=name.capitalize()) for name in names}
    cli = Cli(tmp_path / "home", write(tmp_path / "town", files))
    yield cli
    cli("host", "stop")


class Day:
    """What a programmer's editor does, step by step; every request is answered without an error."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self.done: Counter[str] = Counter()
        self._wire, self._number = wire, 10
        self._chance = random.Random(8)
        self._files = sorted(folder.rglob("*.py"))
        self._open()

    def step(self, n: int) -> None:
        """A letter, then ghost text; now and then completion, a search, a save, another file."""
        self._type(TYPED[n % len(TYPED)])
        self._ask("textDocument/inlineCompletion", self._place() | {"context": {"triggerKind": 2}})
        if n % 5 == 0:
            self._ask("textDocument/completion", self._place())
        if n % 10 == 0:
            self._ask("workspace/symbol", {"query": f"find {self._chance.choice(NOUNS)}"})
        if n % 40 == 39:
            self._save()
        if n % 80 == 79:
            self._wire.notify("textDocument/didClose", {"textDocument": {"uri": self._uri}})
            self._open()

    def ask(self, command: str) -> Any:
        """The answer of a command."""
        return self._ask("workspace/executeCommand", {"command": command, "arguments": [{}]})

    def _open(self) -> None:
        self._file = self._chance.choice(self._files)
        self._uri, self._version = self._file.as_uri(), 1
        self._text = self._file.read_text()
        item = {"uri": self._uri, "languageId": "python", "version": 1, "text": self._text}
        self._wire.notify("textDocument/didOpen", {"textDocument": item})

    def _type(self, letter: str) -> None:
        place = self._place()["position"]
        change = {"range": {"start": place, "end": place}, "text": letter}
        self._text += letter
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        self._wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        self.done["edits"] += 1

    def _save(self) -> None:
        """Half of the saved texts go back to what they were, or the files would grow all day."""
        if self._chance.random() < 0.5:
            self._text = self._text[: self._text.rindex("return found") + len("return found\n")]
            document = {"uri": self._uri, "version": self._version + 1}
            self._version += 1
            whole = {"textDocument": document, "contentChanges": [{"text": self._text}]}
            self._wire.notify("textDocument/didChange", whole)
        self._file.write_text(self._text)
        self._wire.notify("textDocument/didSave", {"textDocument": {"uri": self._uri}})
        self.done["saves"] += 1

    def _place(self) -> dict[str, Any]:
        lines = self._text.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        return {"textDocument": {"uri": self._uri}, "position": position}

    def _ask(self, method: str, params: Any) -> Any:
        self._number += 1
        self._wire.request(self._number, method, params)
        answer = self._wire.answer(self._number)
        assert "error" not in answer, answer
        self.done["requests"] += 1
        if method == "textDocument/inlineCompletion":
            self.done["ghost texts"] += bool(answer["result"]["items"])
        return answer["result"]


def _own(pids: list[int]) -> float:
    """Megabytes that the processes have for themselves: no files, which the system drops as it likes."""
    status = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return sum(int(found[1]) for text in status if (found := _OWN.search(text))) / 1000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_day_of_editing(
    town: Cli, scale: Callable[[int, int], int], measured: Callable[[str], object], soak: bool
) -> None:
    """10,000 edits with their requests: all are answered, and memory stays what it was at first."""
    steps = scale(400, 10_000)
    wire = Wire(town)
    try:
        wire.initialize(town.folder)
        day = Day(wire, town.folder)
        day.ask("cornea.reindex")
        host = day.ask("cornea.status")["roots"][0]["pid"]
        sizes: list[float] = []
        begun = time.monotonic()
        for n in range(steps):
            day.step(n)
            if n % (steps // 20) == steps // 20 - 1:
                sizes.append(_own([wire.process.pid, host]))
        seconds = time.monotonic() - begun
        assert day.ask("cornea.status")["roots"][0]["pid"] == host
        assert psutil.pid_exists(host)
        measured(f"{dict(day.done)} in {seconds:.0f} s; MB of their own: {[round(size) for size in sizes]}")
        # It goes up and down: what updates leave is put in order while nothing is asked.
        early, late = max(sizes[4:8]), max(sizes[-4:])
        assert day.done["ghost texts"] > steps / 20
        assert late < early * GROWTH + (0 if soak else WARMING)
        assert wire.leave() == 0
    finally:
        wire.close()
