"""Roots inside roots: what is asked before one is made, and what is said about those that are there."""

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
"""Roots that are named."""


def agree_to_nested(context: Context, yes: bool) -> None:
    """Ask before a folder that another root's index covers becomes a root of its own. Raises UsageError."""
    if yes or context.indexed:
        return
    around = find_root(context.root, context.config.home)
    if around == context.root or not _covers(around, context.root):
        return
    part = f"{context.root} is a part of {around}"
    if output.can_ask() and output.ask(f"{part}, whose index covers it; give it an index of its own?"):
        return
    raise UsageError(
        f"{part}, whose index covers it (a search there answers for that folder alone): leave PATH out to "
        f"index {around}, or pass --yes for an index of its own"
    )


def _covers(around: Path, folder: Path) -> bool:
    """Whether the index of a root has the files of a folder in it, or would have them."""
    from .places import relative

    outer = load(around)
    if is_too_wide(around) and not outer.indexed:
        return False
    rules = options(outer.config)
    walked = list(walk(around, rules))
    files = sum(isinstance(item, SourceFile) for item in walked)
    if files > outer.config.max_files and not outer.indexed:  # nobody indexes that without being asked
        return False
    skipped = [
        *(item for item in walked if isinstance(item, Skipped)),
        *ignored(around, rules),
    ]
    inside = f"{relative(folder, outer)}/"
    return not any(inside.startswith(f"{item.path.rstrip('/')}/") for item in skipped)


def inner_roots(context: Context) -> list[str]:
    """The roots inside of one that has no index yet: commands in them go on using their own indexes."""
    if context.indexed:
        return []
    return sorted(str(i.root) for i in all_indexes(context.config.home) if context.root in i.root.parents)


def tell_inner(context: Context, inner: Sequence[str]) -> None:
    """Name the inner roots of one that was just made."""
    if inner:
        more = f" and {len(inner) - _SHOWN:,} more" if len(inner) > _SHOWN else ""
        named = ", ".join(inner[:_SHOWN])
        output.say(f"indexes of their own stay in use inside of {context.root}: {named}{more}")


def tell_root(context: Context, folder: Path | None = None) -> None:
    """Say which root a command acts on, where the folder (the working directory) is a part of it."""
    if context.root in (folder or working_folder()).resolve().parents:
        output.say(f"root: {context.root}")
