"""Files that are named in arguments: where they are looked up when -C names another folder.

What is no part of an index (an issue, questions, a configuration, an output) is relative to the folder that
the command was started in. A place in code is relative to the folder that -C names, else to that one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from indexer.errors import UsageError

from .options import Invocation


def outside_path(name: str) -> str:
    """Where a file is that is no part of the index; "-" stays as it is."""
    start = None if name == "-" else _other_start(name)
    return name if start is None else str(start / name)


def outside_hint(name: str) -> str:
    """For the error about a file that is not there: in which folder it was looked for, "" without -C."""
    start = _other_start(name)
    if start is None:
        return ""
    here = Path.cwd() / name
    there = f"; the one that -C leads to is {here}" if os.path.lexists(here) else ""
    return f" in {start}, where the command was started{there}"


def code_path(name: str) -> str:
    """Where a file of the index is: in the folder that -C names, else in the one we were started in."""
    start = None if os.path.lexists(name) else _other_start(name)
    if start is not None and os.path.lexists(start / name):
        return str(start / name)
    return name


def code_hint(name: str) -> str:
    """For the error about a file of the index that is not there: where it was looked for."""
    start = _other_start(name)
    if start is None:
        return "paths are relative to the working directory"
    return f"neither in {Path.cwd()} (-C) nor in {start}, where the command was started"


class OutsidePath(click.Path):
    """The path of what is no part of the index, or is written: relative to the folder we were started in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(outside_path(os.fspath(value)), param, ctx)


def _other_start(name: str) -> Path | None:
    """The folder that the command was started in, if -C led to another one and that matters for the name.

    Raises UsageError if that folder is gone.
    """
    ctx = click.get_current_context(silent=True)
    state = ctx.find_object(Invocation) if ctx is not None else None
    if state is None or state.started is None or Path(name).is_absolute():
        return None
    if not state.started:
        raise UsageError(f"{name}: the folder that the command was started in is gone; name the whole path")
    return Path(state.started)
