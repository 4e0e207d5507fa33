"""Resolves the files that arguments name, when -C names another folder.

Files outside the index (an issue, queries, a configuration, an output) are relative to the folder that the
command was started in. Files of the index are relative to the folder that -C names. If it has no such file,
they are relative to the folder that the command was started in, too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from indexer.errors import UsageError

from .options import Invocation


def outside_path(name: str) -> str:
    """The path of a file outside the index; "-" stays as it is."""
    start = None if name == "-" else _other_start(name)
    return name if start is None else str(start / name)


def outside_hint(name: str) -> str:
    """Where a missing file outside the index should be, for its error message; "" without -C."""
    start = _other_start(name)
    if start is None:
        return ""
    here = Path.cwd() / name
    there = f"; the file in the -C folder is {here}" if os.path.lexists(here) else ""
    return f" in {start}, where the command was started{there}"


def code_path(name: str) -> str:
    """The path of a file of the index: in the folder that -C names, else where the command was started."""
    start = None if os.path.lexists(name) else _other_start(name)
    if start is not None and os.path.lexists(start / name):
        return str(start / name)
    return name


def code_hint(name: str) -> str:
    """Where a missing file of the index should be, for its error message."""
    start = _other_start(name)
    if start is None:
        return "paths are relative to the working directory"
    return f"neither in {Path.cwd()} (-C) nor in {start}, where the command was started"


class OutsidePath(click.Path):
    """A path outside the index, or of an output: relative to the folder that the command was started in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(outside_path(os.fspath(value)), param, ctx)


def _other_start(name: str) -> Path | None:
    """The folder that the command was started in, if -C named another one and `name` is relative; else None.

    Raises UsageError if that folder was deleted.
    """
    ctx = click.get_current_context(silent=True)
    state = ctx.find_object(Invocation) if ctx is not None else None
    if state is None or state.started is None or Path(name).is_absolute():
        return None
    if not state.started:
        raise UsageError(f"{name}: the folder that the command was started in is gone; use an absolute path")
    return Path(state.started)
