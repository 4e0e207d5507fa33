"""The process that started the server: its end is the server's, if it was ever there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lsp.life import is_alive

from ..e2e.cli import Cli
from .wire import Wire

IMPATIENT = """
import lsp.serve
lsp.serve._PARENT_SECONDS = 0.01
import runpy, sys
sys.argv = ["cornea", "lsp"]
runpy.run_module("cornea", run_name="__main__")
"""


@pytest.fixture
def wire(stores: Cli) -> Iterator[Wire]:
    """A server that looks for the process that started it all the time."""
    wire = Wire(stores, (sys.executable, "-c", IMPATIENT))
    yield wire
    wire.close()


def _gone() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.mark.parametrize("process_id", ["gone", 2**40, 2**31 - 1, 0, -1, None])
def test_a_process_that_was_never_there(wire: Wire, process_id: int | str | None) -> None:
    """The client is of another container, or says nothing: the server stays as long as its stream is open."""
    process_id = _gone() if process_id == "gone" else process_id
    wire.request(0, "initialize", {"processId": process_id, "capabilities": {}})
    answer = wire.answer(0)
    if process_id == 2**40:  # no id of the protocol's: that is an answer, and not the end either
        assert "error" in answer or "result" in answer
        return
    assert "result" in answer
    wire.notify("initialized", {})
    for _ in range(100):
        assert wire.symbols("x") == []
    assert wire.leave() == 0


def test_the_process_that_was_there_has_gone(wire: Wire) -> None:
    """The server goes, too, though somebody else keeps its stream open."""
    with subprocess.Popen(["sleep", "600"]) as parent:
        wire.request(0, "initialize", {"processId": parent.pid, "capabilities": {}})
        assert "result" in wire.answer(0)
        assert wire.symbols("x") == []
        parent.kill()
    assert wire.ended() == 1


def test_processes() -> None:
    """Any number is one that is there or is not."""
    assert is_alive(os.getpid())
    assert not any(map(is_alive, (None, 0, -1, _gone(), 2**70)))
