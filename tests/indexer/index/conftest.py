"""A root with two files, and an empty home for its index."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.indexes import GO, PYTHON
from tests.repositories import isolate, write


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small folder of code; the indexes go to `home` beside it."""
    isolate(monkeypatch, tmp_path / "user")
    return write(tmp_path / "root", {"bakery.py": PYTHON, "post.go": GO})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
