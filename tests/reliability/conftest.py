"""Short forms in the ordinary suite; the full counts under CORNEA_SOAK=1 (`make test-reliability`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SOAK = bool(os.environ.get("CORNEA_SOAK"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "reliability: what must hold whatever happens; full under CORNEA_SOAK=1"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("reliability")


@pytest.fixture
def scale() -> Callable[[int, int], int]:
    """Picks the short count, or the full one."""
    return lambda short, full: full if SOAK else short


@pytest.fixture
def measured() -> Callable[[str], object]:
    """Takes a line about what was measured; `pytest -rP` shows it."""
    return lambda line: sys.stdout.write(f"{line}\n")


@pytest.fixture
def soak() -> bool:
    """Whether the full counts run, alone on the machine: only then times are judged strictly."""
    return SOAK
