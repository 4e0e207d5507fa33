"""What tests of research share."""

from __future__ import annotations

import pytest

from indexer.encoding import load
from indexer.encoding.types import Encoder


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled model."""
    return load()
