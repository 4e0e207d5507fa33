"""Short forms in the ordinary suite; the full counts under CORNEA_SOAK=1 (`make test-reliability`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import pytest

SOAK = bool(os.environ.get("CORNEA_SOAK"))


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
