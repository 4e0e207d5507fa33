"""Texts that are too large to be sent along."""

from __future__ import annotations

from ..e2e.cli import Cli
from .conftest import TYPED
from .test_inline import END, LINE
from .wire import Wire

MEGABYTE = '{"key": [1, 2, 3], "name": "value"}\n' * 30_000
KNEAD = "def knead_dough(flour):\n    return flour * 2\n"


def _answers(wire: Wire, folder_uri: str) -> None:
    """Every question of the root is answered, and what fits is found."""
    assert wire.symbols("knead_dough")[0][1] == "knead_dough"
    assert any(name.endswith("find_order") for _, name in wire.symbols("find_order"))
    assert wire.command("cornea.search", "find_order")
    where = {"uri": f"{folder_uri}/src/user.py", "position": {"line": 9, "character": 0}}
    assert wire.command("cornea.similar", where)
    assert wire.command("cornea.locate", "find_order raises KeyError")
    assert wire.ghost(f"{folder_uri}/src/item.py", LINE, END)


def test_large_buffers(own: Cli) -> None:
    """One that is too large is left out and told of once; of many together the latest are taken along."""
    base = own.folder.as_uri()
    wire = Wire(own)
    try:
        wire.initialize(own.folder)
        wire.command("cornea.reindex", {})
        wire.open(f"{base}/src/item.py", TYPED)
        wire.open("untitled:large.json", MEGABYTE * 9, "json")
        wire.open(f"{base}/data.json", MEGABYTE * 9, "json")
        wire.open(f"{base}/src/dough.py", KNEAD)
        for _ in range(2):
            _answers(wire, base)
        assert wire.ghost("untitled:large.json", 0, 3) == []
        assert wire.ghost(f"{base}/data.json", 0, 3) == []
        said = [one for one in wire.shown if "too large" in one]
        assert sorted(one.split(": ")[1] for one in said) == ["data.json", "untitled:large.json"]
        for n in range(12):
            wire.open(f"{base}/part{n}.json", MEGABYTE, "json")
        wire.notify("textDocument/didClose", {"textDocument": {"uri": f"{base}/src/dough.py"}})
        wire.open(f"{base}/src/dough.py", KNEAD)
        for _ in range(2):
            _answers(wire, base)
        told = {
            n
            for n in range(12)
            for one in wire.shown
            if f"part{n}.json" in one and "the unsaved documents have more" in one
        }
        assert 2 < len(told) < 12
        assert len([one for one in wire.shown if "the unsaved documents have more" in one]) == len(told)
        assert max(told) < 9
        assert wire.leave() == 0
    finally:
        wire.close()


def test_a_large_issue(own: Cli) -> None:
    """The two ends of a log count, and it is told that the rest is left out."""
    wire = Wire(own)
    try:
        wire.initialize(own.folder)
        wire.command("cornea.reindex", {})
        text = "INFO all is well\n" * 200_000 + "KeyError in find_order\n"
        found = wire.command("cornea.locate", text)
        assert any(one["symbol"].endswith("find_order") for one in found)
        assert len([one for one in wire.shown if "were not read" in one]) == 1
        assert wire.leave() == 0
    finally:
        wire.close()
