"""Resolves the names of files in arguments if -C names another folder.

The name of a file outside the index (an issue, queries, a configuration, an output) is relative to the folder
in which the command was started. The name of a file of the index is relative to the folder that -C names. If
that folder has no such file, the name is relative to the folder in which the command was started.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from indexer.errors import UsageError

from .options import Invocation


def outside_path(name: str) -> str:
    """The path of a file outside the index. The name "-" is returned unchanged."""
    start = None if name == "-" else _other_start(name)
    return name if start is None else str(start / name)


def outside_hint(name: str) -> str:
    """The part of an error message that says where a missing file outside the index should be.

    Returns "" if -C names no other folder or `name` is absolute.
    """
    start = _other_start(name)
    if start is None:
        return ""
    here = Path.cwd() / name
    there = f"; the file in the -C folder is {here}" if os.path.lexists(here) else ""
    return f" in {start}, where the command was started{there}"


def code_path(name: str) -> str:
    """The path of a file of the index, in the folder that -C names or else where the command was started."""
    start = None if os.path.lexists(name) else _other_start(name)
    if start is not None and os.path.lexists(start / name):
        return str(start / name)
    return name


def code_hint(name: str) -> str:
    """The part of an error message that says where a missing file of the index should be."""
    start = _other_start(name)
    if start is None:
        return "paths are relative to the working directory"
    return f"neither in {Path.cwd()} (-C) nor in {start}, where the command was started"


class OutsidePath(click.Path):
    """The type of options that name a file outside the index, such as an output (see `outside_path`)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(outside_path(os.fspath(value)), param, ctx)


def _other_start(name: str) -> Path | None:
    """The folder in which the command was started, if -C names another folder and `name` is relative.

    Returns None otherwise. Raises UsageError if the folder in which the command was started was deleted.
    """
    ctx = click.get_current_context(silent=True)
    state = ctx.find_object(Invocation) if ctx is not None else None
    if state is None or state.started is None or Path(name).is_absolute():
        return None
    if not state.started:
        raise UsageError(f"{name}: the folder that the command was started in is gone; use an absolute path")
    return Path(state.started)
