"""`cornea watch` from outside: it says what each change did, and goes on when its host goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.hosts import Site, site
from tests.repositories import write
from tests.support.schemas import validate
from tests.support.waiting import LIMIT

from .cli import FILES


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site(tmp_path, FILES, monkeypatch) as made:
        yield made


@contextmanager
def watching(shop: Site, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        shop.cli.command("watch", *arguments), cwd=shop.cli.folder, env=shop.cli.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=LIMIT)


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def event(process: subprocess.Popen[str], name: str, **params: int) -> Any:
    """The next event of this name and these params; whatever comes before it is passed over."""
    while True:
        seen = json.loads(line(process.stdout))
        validate("commands/watch", seen)
        assert seen["event"] in ("watching", "progress", "updated", "leaving", "gone")
        if seen["event"] == name and params.items() <= seen.items():
            return seen


def test_each_update_is_told(shop: Site) -> None:
    """In words, with a time; Ctrl-C ends it without harm, and the host stays for others."""
    with watching(shop) as process:
        assert "watching, 3 files" in line(process.stdout)
        write(shop.cli.folder, {"src/new.py": "def new(): pass\n"})
        while "indexed 1 file, 1 fragment in" not in line(process.stdout):
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 130
        assert process.stderr is not None
        assert process.stderr.read().splitlines()[-1] == "cornea: stopped"
    assert shop.cli("host", "status").code == 0


def test_a_root_that_goes_and_comes_back(shop: Site) -> None:
    """It is said once what is waited for, and watching goes on by itself."""
    folder, elsewhere = shop.cli.folder, shop.cli.folder.with_name("elsewhere")
    with watching(shop) as process:
        assert "watching, 3 files" in line(process.stdout)
        folder.rename(elsewhere)
        assert line(process.stderr) == (
            f"cornea: {folder} is gone; waiting for it to come back (Ctrl-C to end)\n"
        )
        elsewhere.rename(folder)
        while "watching, 3 files" not in line(process.stdout):
            pass


def test_for_programs(shop: Site) -> None:
    """One JSON object a line; a host that dies is replaced, and what changed meanwhile is indexed."""
    with watching(shop, "--json") as process:
        event(process, "watching")
        write(shop.cli.folder, {"src/new.py": "def new(): pass\n"})
        assert event(process, "updated", added=1)["fragments"] == 1
        first = shop.note.pid
        os.kill(first, signal.SIGKILL)
        event(process, "watching", unchanged=4)
        assert shop.note.pid != first
        (shop.cli.folder / "src/new.py").unlink()
        event(process, "updated", removed=1)
