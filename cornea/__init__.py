"""Cornea: local code retrieval.

`cornea.open(path)` returns a `Repository` that can be updated and asked, `cornea.open_async(path)` the same
for asyncio; see `cornea.api`.
"""

from __future__ import annotations

from .version import __version__

TYPE_CHECKING = (
    False  # `typing` is slow to import, and the working directory may hold another module of that name
)
if TYPE_CHECKING:
    from typing import Any

    from indexer.errors import CorneaError
    from indexer.index.writer import Report
    from retrieval.result import Hit, Suggestion

    from .api import Repository
    from .api import open_repository as open
    from .api_answers import (
        Answer,
        ChangedTogether,
        Definition,
        Indexing,
        Location,
        Locations,
        Outline,
        Related,
    )
    from .async_api import AsyncRepository, open_async

__all__ = [
    "Answer",
    "AsyncRepository",
    "ChangedTogether",
    "CorneaError",
    "Definition",
    "Hit",
    "Indexing",
    "Location",
    "Locations",
    "Outline",
    "Related",
    "Report",
    "Repository",
    "Suggestion",
    "__version__",
    "open",
    "open_async",
]

_LAZY = {
    "open": ("cornea.api", "open_repository"),
    "Repository": ("cornea.api", "Repository"),
    "open_async": ("cornea.async_api", "open_async"),
    "AsyncRepository": ("cornea.async_api", "AsyncRepository"),
    "Answer": ("cornea.api_answers", "Answer"),
    "ChangedTogether": ("cornea.api_answers", "ChangedTogether"),
    "Definition": ("cornea.api_answers", "Definition"),
    "Indexing": ("cornea.api_answers", "Indexing"),
    "Location": ("cornea.api_answers", "Location"),
    "Locations": ("cornea.api_answers", "Locations"),
    "Outline": ("cornea.api_answers", "Outline"),
    "Related": ("cornea.api_answers", "Related"),
    "CorneaError": ("indexer.errors", "CorneaError"),
    "Report": ("indexer.index.writer", "Report"),
    "Hit": ("retrieval.result", "Hit"),
    "Suggestion": ("retrieval.result", "Suggestion"),
}


def __getattr__(name: str) -> Any:
    """Import the API on first use, so that the command starts fast."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _LAZY[name]
    return getattr(import_module(module), attribute)
