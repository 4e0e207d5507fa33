"""How far a benchmark is: a bar on a terminal, lines now and then elsewhere."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cornea.commands.bench import step_display
from research.datasets import steps
from tests.e2e.cli import SOURCES
from tests.hosts import until
from tests.research.benchmarks.sets import write
from tests.support.waiting import LIMIT


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(step_display.output, "say", lines.append)
    return lines


def test_every_step_is_told() -> None:
    """Before each and at the end, to everybody who listens, and only then."""
    heard: list[Any] = []
    with steps.told_to(lambda *step: heard.append(step)):
        assert list(steps.each("ab", "spelling")) == ["a", "b"]
        assert list(steps.each(iter("c"), "more")) == ["c"]
    assert heard == [
        ("spelling", 0, 2), ("spelling", 1, 2), ("spelling", 2, 2), ("more", 0, 0), ("more", 1, 0),
    ]  # fmt: skip
    assert list(steps.each("ab", "quietly")) == ["a", "b"]
    assert len(heard) == 5


def test_lines_where_there_is_no_terminal(said: list[str]) -> None:
    """They say what is done, how many of how many, and since when; a step that takes long is said again."""
    watch = step_display.StepDisplay(bar=False, color=False, every=0.01)
    try:
        until(lambda: said)
        assert re.fullmatch(r"bench: reading, after \d+:\d\d", said[0])
        watch.step("asking, learned", 120, 2_500)
        until(lambda: any("asking, learned, 120 of 2,500, after" in line for line in said))
        watch.step("cloning")
        until(lambda: sum("bench: cloning, after" in line for line in list(said)) > 1)
    finally:
        watch.close()


def test_nothing_is_said_after_the_end(said: list[str]) -> None:
    watch = step_display.StepDisplay(bar=False, color=False, every=0.01)
    thread = next(one for one in threading.enumerate() if one.name == "progress")
    watch.close()
    thread.join(60)
    count = len(said)
    watch.step("late", 1, 2)
    assert not thread.is_alive()
    assert len(said) == count


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., list[str]]:
    """`cornea bench beir` of a small set, with a line every `every` seconds."""
    folder = write(tmp_path / "set")
    code = (
        "import sys\nfrom cornea.commands.bench import step_display\n"
        "step_display.EVERY = float(sys.argv.pop(1))\n"
        "step_display.StepDisplay.__init__.__kwdefaults__['every'] = step_display.EVERY\n"
        "from cornea.__main__ import main\nmain()\n"
    )

    def arguments(every: float, *more: str) -> list[str]:
        return [sys.executable, "-P", "-c", code, str(every), *more, "bench", "beir", str(folder)]

    return arguments


def test_a_benchmark_in_a_log(command: Callable[..., list[str]], tmp_path: Path) -> None:
    """Lines on stderr, the report on stdout; by default nothing in the first 30 seconds."""
    env = os.environ | {"PYTHONPATH": SOURCES, "CORNEA_HOME": str(tmp_path / "home")}
    done = subprocess.run(command(0.001), env=env, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    assert "cornea: bench: asking, rerank, " in done.stderr
    assert "bench: " not in done.stdout
    assert "nDCG@10" in done.stdout
    assert step_display.EVERY == 30.0


def test_a_benchmark_on_a_terminal(command: Callable[..., list[str]], tmp_path: Path) -> None:
    """A bar that is gone when the report comes."""
    env = os.environ | {"PYTHONPATH": SOURCES, "CORNEA_HOME": str(tmp_path / "home"), "TERM": "xterm"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(0.001, "--color", "never"),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0, seen
    assert b"asking, " in seen
    assert b"cornea: bench:" not in seen
    assert b"nDCG@10" in out


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65_536)
    except OSError:  # the other end is closed
        return b""
