"""A run that ends in the middle, in whatever way, leaves to the next one only what it had not done."""

from __future__ import annotations

import json
import signal
from itertools import pairwise
from pathlib import Path

import pytest

from tests.indexer.store.double import Double
from tests.indexes import child, contents, is_as_fresh, refresh
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT

FILES: dict[str, str | bytes] = {f"m{n:03}.py": f"def f{n}():\n    return {n}\n" for n in range(120)}
DONE = 70
"""Files that are done when the signal comes: far below a full batch."""

CODE = """
    import os, sys
    from cornea.presentation import progress
    from cornea.cli import run
    from indexer.index import writer
    writer.BATCH_SECONDS, writer.FLUSH_SHARE = 0.0, 1e9  # each file is as if seconds had passed
    def observe(seen):
        if seen.done == int(sys.argv[1]):
            os.kill(os.getpid(), int(sys.argv[2]))
    progress._ignore = observe
    raise SystemExit(run(["-C", sys.argv[3], "index", "--json"]))
"""
ENDS = {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 130, signal.SIGTERM: 143}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "user")
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CORNEA_STORE_RESERVE_MB", "1")
    return write(tmp_path / "root", FILES)


def ended(root: Path, number: signal.Signals, done: int = DONE) -> str:
    """A first run that a signal ends; what it said."""
    with child(CODE, str(done), str(int(number)), root) as process:
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == ENDS[number], said
    return said


def added(root: Path) -> int:
    """Files that the next run indexes."""
    with child(CODE, "0", "0", root) as process:
        out, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, said
    report = json.loads(out)
    assert report["added"] + report["unchanged"] == len(FILES)
    assert "rebuilt" not in said
    return int(report["added"])


@pytest.mark.parametrize("number", ENDS)
def test_the_next_run_does_only_the_rest(root: Path, tmp_path: Path, number: signal.Signals) -> None:
    """kill -9 loses at most the file in work; Ctrl-C and SIGTERM lose nothing. Nothing is doubled."""
    said = ended(root, number)
    assert "Traceback" not in said
    assert added(root) <= len(FILES) - DONE + (number == signal.SIGKILL)
    assert is_as_fresh(root, tmp_path / "home", tmp_path / "fresh")


def ran(root: Path, *words: str) -> tuple[str, str]:
    """What a command writes to stdout and stderr."""
    code = "import sys; from cornea.cli import run; raise SystemExit(run(sys.argv[1:]))"
    with child(code, "-C", root, *words) as process:
        return process.communicate(timeout=LIMIT)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_missing_files_are_said(root: Path, number: signal.Signals) -> None:
    """By `status`, and by a search that updates nothing, until an update has got to its end."""
    ended(root, number)
    assert json.loads(ran(root, "status", "--json")[0])["interrupted"] == len(FILES)
    assert "the last update was interrupted; up to 120 new files" in ran(root, "status")[0]
    found, said = ran(root, "search", "--no-refresh", "f1")
    assert found
    assert "the last update was interrupted; up to 120 new files" in said
    assert "interrupted" not in ran(root, "search", "f1")[1]
    assert json.loads(ran(root, "status", "--json")[0])["interrupted"] is None
    assert "interrupted" not in ran(root, "search", "--no-refresh", "f1")[1]


def test_again_and_again(root: Path, tmp_path: Path) -> None:
    """A run that is killed after every few files gets to the end, and does no file twice but the last."""
    for _ in range(3):
        ended(root, signal.SIGKILL, 25)
    assert added(root) <= len(FILES) - 3 * 24
    assert is_as_fresh(root, tmp_path / "home", tmp_path / "fresh")


def test_on_a_server(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server has acknowledged is not sent again."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with Double() as server:
        monkeypatch.setenv("CORNEA_STORE_URL", server.url)
        ended(root, signal.SIGKILL)
        assert added(root) <= len(FILES) - DONE + 1


def test_slow_flushes_are_rare(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where making durable takes long, it is done less often: it takes no more than its share of the time."""
    from indexer.index import writer
    from indexer.index.manifest import Manifest

    now, flushes = [0.0], []
    monkeypatch.setattr(writer, "now", lambda: now[0])
    record = Manifest.record

    def recorded(self: Manifest, *args: object, **options: object) -> None:
        flushes.append(now[0])
        now[0] += 1.0  # the disk takes a second
        record(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Manifest, "record", recorded)
    take = writer.Writer.add

    def added(self: writer.Writer, result: object) -> None:
        now[0] += 1.0
        take(self, result)  # type: ignore[arg-type]

    monkeypatch.setattr(writer.Writer, "add", added)
    refresh(root, tmp_path / "home")
    pause = 1.0 / writer.FLUSH_SHARE
    assert flushes[0] <= writer.BATCH_SECONDS + 1
    assert all(after - before >= pause for before, after in pairwise(flushes[:-1]))
    assert len(flushes) >= 3
    assert len(contents(root, tmp_path / "home")) == 2 * len(FILES)
