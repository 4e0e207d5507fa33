"""The libraries of the extra [bench], imported when they are needed."""

from __future__ import annotations

from typing import Any

from indexer import extras


def require(module: str) -> Any:
    """A module of the extra. Raises Unsupported with the command that installs it."""
    return extras.require(module, "bench", "this benchmark")
