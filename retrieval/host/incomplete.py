"""The member of an answer that reports the progress of an update, if one was running."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.pipeline import Progress

KEY = "indexing"
"""The name of the member. Without it, the answer comes from the whole index."""


def member(progress: Progress | None, *, first: bool) -> dict[str, Any]:
    """The progress of an update. `first` means that the update builds a new index.

    `progress` is None while the update is still listing files.
    """
    done, total = (progress.done, progress.total) if progress else (0, 0)
    return {KEY: {"done": done, "total": total, "first": first}}


def counts(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The member for the JSON output of commands, or {} for a complete answer."""
    found = answer.get(KEY)
    return {KEY: {"done": found["done"], "total": found["total"]}} if found else {}


def line(answer: Mapping[str, Any]) -> str:
    """A line for the user about an incomplete answer, or "" for a complete one."""
    found = answer.get(KEY)
    if not found:
        return ""
    first, done, total = found["first"], found["done"], found["total"]
    if not total:
        return f"indexing has just begun; {'nothing is' if first else 'what changed is not'} indexed yet"
    if first:
        return f"indexing: {done:,} of {total:,} files; answers are from those"
    return f"indexing: {done:,} of {total:,} new and changed files; answers are from what is indexed so far"
