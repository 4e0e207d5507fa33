"""A small repository and the command, with a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..repositories import write
from .cli import FILES, Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command in a small folder that is not indexed yet."""
    return Cli(tmp_path / "home", write(tmp_path / "shop", FILES))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The same folder, indexed once for all tests that only ask."""
    place = tmp_path_factory.mktemp("shop")
    cli = Cli(place / "home", write(place / "shop", FILES))
    done = cli("index")
    assert done.code == 0, done.err
    return cli
