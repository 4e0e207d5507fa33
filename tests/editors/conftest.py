"""Editors for tests, where they are there: `make test-editors` gets them, `make test` leaves them out."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..e2e.cli import Cli
from ..lsp.conftest import FILES
from ..repositories import git, isolate, repository

EDITORS = Path(__file__).parents[2] / "editors"


def tool(name: str) -> list[str]:
    """The command of an editor as `make test-editors` found it; skips the test without one."""
    command = shlex.split(os.environ.get(f"CORNEA_TEST_{name.upper()}", ""))
    if not command:
        pytest.skip(f"no {name}; `make test-editors` gets one where it can")
    return command


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """A repository that is indexed, and `cornea` on the path."""
    with indexed(tmp_path, monkeypatch) as cli:
        yield cli


@contextmanager
def indexed(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """The same below a folder, for tests that share one."""
    isolate(monkeypatch, place / "person")
    folder = repository(place / "stores", FILES)
    cli = Cli(place / "home", folder)
    script = place / "bin" / "cornea"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cornea "$@"\n')
    script.chmod(0o755)
    cli.env["PATH"] = f"{script.parent}:{os.environ['PATH']}"
    assert cli("index").code == 0
    assert git(folder, "status", "--short") == b""
    yield cli
    cli("host", "stop")
