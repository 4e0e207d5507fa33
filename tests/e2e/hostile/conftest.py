"""A root with an ordinary file in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.indexes import PYTHON
from tests.repositories import isolate, write

from .place import Place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Place:
    isolate(monkeypatch, tmp_path / "user")
    root = write(tmp_path / "root", {"bakery.py": PYTHON})
    return Place(root, tmp_path / "home", lambda *figure: request.node.user_properties.append(figure))
