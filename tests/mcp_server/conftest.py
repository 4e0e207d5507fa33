"""A repository that is indexed once, for tests that only ask; its host ends with the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..e2e.cli import FILES, Cli
from ..repositories import write

_GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """A repository with two commits, indexed."""
    place = tmp_path_factory.mktemp("mcp")
    folder = place / "shop"
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for message, end in (("Begin", "\n"), ("Hash passwords\n\nAnd test that.", "")):
        write(folder, {path: text + end for path, text in FILES.items()})
        for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", message)):
            subprocess.run([*_GIT, *words], cwd=folder, env=quiet, check=True)
    cli = Cli(place / "home", folder)
    assert cli("index").code == 0
    yield cli
    cli("host", "stop")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cli]:
    """A folder of a test's own without an index, with a home of its own."""
    cli = Cli(tmp_path / "home", write(tmp_path / "own", FILES))
    yield cli
    cli("host", "stop")
