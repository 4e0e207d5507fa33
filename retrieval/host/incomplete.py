"""The member of an incomplete answer, which reports the progress of an update that was running."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.pipeline import Progress

KEY = "indexing"
"""The name of the member. An answer without this member comes from the complete index."""


def member(progress: Progress | None, *, first: bool) -> dict[str, Any]:
    """The member with the progress of an update.

    `first` says whether the update builds a new index. `progress` is None while the update still lists files.
    """
    done, total = (progress.done, progress.total) if progress else (0, 0)
    return {KEY: {"done": done, "total": total, "first": first}}


def counts(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the member for the JSON output of commands. Returns {} for a complete answer."""
    found = answer.get(KEY)
    return {KEY: {"done": found["done"], "total": found["total"]}} if found else {}


def line(answer: Mapping[str, Any]) -> str:
    """Returns a line for the user about an incomplete answer. Returns "" for a complete answer."""
    found = answer.get(KEY)
    if not found:
        return ""
    first, done, total = found["first"], found["done"], found["total"]
    if not total:
        return f"indexing has just begun; {'nothing is' if first else 'what changed is not'} indexed yet"
    if first:
        return f"indexing: {done:,} of {total:,} files; answers come from these files"
    return f"indexing: {done:,} of {total:,} new and changed files; answers come from what is indexed so far"
