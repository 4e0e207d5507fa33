"""Cornea: local code retrieval.

`cornea.open(path)` returns a `Repository` that can be updated and searched; see `cornea.api`.
"""

from __future__ import annotations

from .version import __version__

TYPE_CHECKING = (
    False  # `typing` is slow to import, and the working directory may hold another module of that name
)
if TYPE_CHECKING:
    from typing import Any

    from retrieval.result import Hit

    from .api import Repository
    from .api import open_repository as open

__all__ = ["Hit", "Repository", "__version__", "open"]

_LAZY = {
    "open": ("cornea.api", "open_repository"),
    "Repository": ("cornea.api", "Repository"),
    "Hit": ("retrieval.result", "Hit"),
}


def __getattr__(name: str) -> Any:
    """Import the API on first use, so that the command starts fast."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _LAZY[name]
    return getattr(import_module(module), attribute)
