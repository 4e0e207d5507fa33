"""Nested roots: confirmation before one is created, and messages about existing ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.errors import UsageError
from indexer.fragment import Skipped, SourceFile
from indexer.index.catalog import all_indexes, find_root
from indexer.pipeline import options
from indexer.walk.walk import ignored, walk

from .context import Context, is_too_wide, load, working_folder
from .presentation import output

_SHOWN = 3
"""Inner roots that a message names."""


def agree_to_nested(context: Context, yes: bool) -> None:
    """Ask the user before a folder that another root's index covers becomes a root. Raises UsageError."""
    if yes or context.indexed:
        return
    around = find_root(context.root, context.config.home)
    if around == context.root or not _covers(around, context.root):
        return
    part = f"the index of {around} already covers {context.root}"
    if output.can_ask() and output.ask(f"{part}; give it an index of its own?"):
        return
    raise UsageError(
        f"{part} (a search in that folder returns only its files): leave PATH out to index {around}, "
        f"or pass --yes for an index of its own"
    )


def _covers(around: Path, folder: Path) -> bool:
    """Whether the index of a root has, or would have, the files of a folder in it."""
    from .places import relative

    outer = load(around)
    if is_too_wide(around) and not outer.indexed:
        return False
    rules = options(outer.config)
    walked = list(walk(around, rules))
    files = sum(isinstance(item, SourceFile) for item in walked)
    if files > outer.config.max_files and not outer.indexed:  # indexing it would need a confirmation
        return False
    skipped = [
        *(item for item in walked if isinstance(item, Skipped)),
        *ignored(around, rules),
    ]
    inside = f"{relative(folder, outer)}/"
    return not any(inside.startswith(f"{item.path.rstrip('/')}/") for item in skipped)


def inner_roots(context: Context) -> list[str]:
    """The roots inside a root that has no index yet. Commands in them keep using their own indexes."""
    if context.indexed:
        return []
    return sorted(str(i.root) for i in all_indexes(context.config.home) if context.root in i.root.parents)


def print_inner_roots(context: Context, inner: Sequence[str]) -> None:
    """Print the inner roots of a root that was just indexed for the first time."""
    if inner:
        more = f" and {len(inner) - _SHOWN:,} more" if len(inner) > _SHOWN else ""
        named = ", ".join(inner[:_SHOWN])
        output.say(f"these folders inside {context.root} keep their own indexes: {named}{more}")


def print_root(context: Context, folder: Path | None = None) -> None:
    """Print the root that a command acts on, if `folder` (default: the working directory) is below it."""
    if context.root in (folder or working_folder()).resolve().parents:
        output.say(f"root: {context.root}")
