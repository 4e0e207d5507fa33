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
    from retrieval.host.answers import IndexState, UnknownName
    from retrieval.host.relation_answers import CallLine
    from retrieval.result import Hit, Suggestion

    from .api import Repository
    from .api import open_repository as open
    from .api_answers import (
        ChangedTogether,
        FileDefinitions,
        IndexingProgress,
        IssueLocation,
        IssueLocations,
        OutlineDefinition,
        ResultSequence,
    )
    from .api_matches import GrepMatches, MatchedFile, MatchedLine
    from .api_related import CallRelation, Related
    from .async_api import AsyncRepository, open_async

__all__ = [
    "AsyncRepository",
    "CallLine",
    "CallRelation",
    "ChangedTogether",
    "CorneaError",
    "FileDefinitions",
    "GrepMatches",
    "Hit",
    "IndexState",
    "IndexingProgress",
    "IssueLocation",
    "IssueLocations",
    "MatchedFile",
    "MatchedLine",
    "OutlineDefinition",
    "Related",
    "Report",
    "Repository",
    "ResultSequence",
    "Suggestion",
    "UnknownName",
    "__version__",
    "open",
    "open_async",
]

_LAZY = {
    "open": ("cornea.api", "open_repository"),
    "Repository": ("cornea.api", "Repository"),
    "open_async": ("cornea.async_api", "open_async"),
    "AsyncRepository": ("cornea.async_api", "AsyncRepository"),
    "ResultSequence": ("cornea.api_answers", "ResultSequence"),
    "ChangedTogether": ("cornea.api_answers", "ChangedTogether"),
    "OutlineDefinition": ("cornea.api_answers", "OutlineDefinition"),
    "IndexingProgress": ("cornea.api_answers", "IndexingProgress"),
    "IssueLocation": ("cornea.api_answers", "IssueLocation"),
    "IssueLocations": ("cornea.api_answers", "IssueLocations"),
    "FileDefinitions": ("cornea.api_answers", "FileDefinitions"),
    "GrepMatches": ("cornea.api_matches", "GrepMatches"),
    "MatchedFile": ("cornea.api_matches", "MatchedFile"),
    "MatchedLine": ("cornea.api_matches", "MatchedLine"),
    "Related": ("cornea.api_related", "Related"),
    "CallRelation": ("cornea.api_related", "CallRelation"),
    "CallLine": ("retrieval.host.answers", "CallLine"),
    "IndexState": ("retrieval.host.answers", "IndexState"),
    "UnknownName": ("retrieval.host.answers", "UnknownName"),
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
