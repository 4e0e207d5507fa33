"""Nested roots: asks the user before a root inside another root is created, and reports inner roots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.errors import UsageError
from indexer.fragment import Skipped, SourceFile
from indexer.index.catalog import all_indexes
from indexer.pipeline import options
from indexer.walk.walk import ignored, walk

from .context import Context, find_root, is_too_wide, load, working_folder
from .presentation import output

_SHOWN = 3
"""Largest number of inner roots that a message names."""


def agree_to_nested(context: Context, yes: bool) -> None:
    """Ask the user before a folder becomes a root, if the index of another root already covers the folder.

    Raises UsageError if the user does not agree or cannot be asked.
    """
    if yes or context.indexed:
        return
    around = find_root(context.root, context.config.home)
    if around == context.root or not _covers(around, context.root):
        return
    part = f"the index of {around} already covers {context.root}"
    if output.can_ask() and output.ask(f"{part}; create a separate index for {context.root}?"):
        return
    raise UsageError(
        f"{part}, and a search in {context.root} returns only files of this folder: leave PATH out to index "
        f"{around}, or pass --yes to create a separate index for {context.root}"
    )


def _covers(around: Path, folder: Path) -> bool:
    """Whether the index of the root `around` has, or would have, the files of a folder inside this root."""
    from .places import relative

    outer = load(around)
    if is_too_wide(around) and not outer.indexed:
        return False
    rules = options(outer.config)
    walked = list(walk(around, rules))
    files = sum(isinstance(item, SourceFile) for item in walked)
    if files > outer.config.max_files and not outer.indexed:  # indexing the root would need a confirmation
        return False
    skipped = [
        *(item for item in walked if isinstance(item, Skipped)),
        *ignored(around, rules),
    ]
    inside = f"{relative(folder, outer)}/"
    return not any(inside.startswith(f"{item.path.rstrip('/')}/") for item in skipped)


def inner_roots(context: Context) -> list[str]:
    """The inner roots of a root that has no index yet. Commands in an inner root keep using its own index.

    Returns an empty list if the root has an index.
    """
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
    """Print the root that a command acts on, if `folder` is below the root.

    By default, `folder` is the working directory.
    """
    if context.root in (folder or working_folder()).resolve().parents:
        output.say(f"root: {context.root}")
