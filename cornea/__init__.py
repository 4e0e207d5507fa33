"""Cornea: local code retrieval.

`cornea.open(path)` gives a `Repository` to update and to ask; see `cornea.api`.
"""

from __future__ import annotations

from .version import __version__

TYPE_CHECKING = False  # of `typing`, which costs time and, in an odd folder, is somebody else's
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
    """The API is imported on first use: the command must start fast."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _LAZY[name]
    return getattr(import_module(module), attribute)
