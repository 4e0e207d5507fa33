"""A small repository whose host the first client starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cli import FILES
from tests.hosts import Site, site


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """One for a test that does something to its host or files."""
    with site(tmp_path, FILES, monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of a module that only ask."""
    with pytest.MonkeyPatch.context() as patch, site(tmp_path_factory.mktemp("mall"), FILES, patch) as made:
        with made.client() as client:
            client.request("reindex")
        yield made
