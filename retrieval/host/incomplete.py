"""What an answer says where the index was being updated when it was given: how far that was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.pipeline import Progress

KEY = "indexing"
"""The member of an answer. Without it the answer is from the whole index."""


def member(progress: Progress | None, *, first: bool) -> dict[str, Any]:
    """How far an update is. `first` says that it builds the index: nothing was there before.

    Without a progress the update still looks which files there are.
    """
    done, total = (progress.done, progress.total) if progress else (0, 0)
    return {KEY: {"done": done, "total": total, "first": first}}


def counts(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The member as the command's JSON has it, for an answer that is incomplete; else nothing."""
    found = answer.get(KEY)
    return {KEY: {"done": found["done"], "total": found["total"]}} if found else {}


def line(answer: Mapping[str, Any]) -> str:
    """What to tell a person of an incomplete answer, "" for a complete one."""
    found = answer.get(KEY)
    if not found:
        return ""
    first, done, total = found["first"], found["done"], found["total"]
    if not total:
        return f"indexing has just begun; {'nothing is' if first else 'what changed is not'} indexed yet"
    if first:
        return f"indexing: {done:,} of {total:,} files; answers are from those"
    return f"indexing: {done:,} of {total:,} new and changed files; answers are from what is indexed so far"
