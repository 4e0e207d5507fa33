"""Shows the progress of an update as a bar on a terminal, and formats what an update did."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..options import invocation
from . import output

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar
    from rich.progress import TaskID

    from indexer.pipeline import Observer, Progress, Report

_INTERVAL = 0.08
"""Smallest number of seconds between two redraws of the bar."""

_WIDE = 72
"""Smallest number of columns of a terminal on which the bar has all its fields."""


@contextmanager
def progress_bar() -> Iterator[Observer]:
    """A context with an observer of an update.

    On a terminal, the observer shows a bar until the context ends.
    """
    if not output.is_terminal(sys.stderr):
        yield _ignore
        return
    bar = Bar(output.wants_color(invocation().color, sys.stderr))
    try:
        yield bar.observe
    finally:
        bar.close()


def _ignore(progress: Progress) -> None:
    pass


class Bar:
    """A progress bar that appears with the first file, so that an update without files shows no bar."""

    def __init__(self, color: bool) -> None:
        self._color = color
        self._bar: RichBar | None = None
        self._task: TaskID | None = None
        self._next = 0.0

    def observe(self, progress: Progress) -> None:
        """Show the progress of the update."""
        now = time.perf_counter()
        if now < self._next and progress.done < progress.total:
            return
        self._next = now + _INTERVAL
        if self._bar is None:
            self._bar = _bar(self._color)
            self._task = self._bar.add_task("indexing", total=progress.total, fragments=0)
            self._bar.start()
        assert self._task is not None
        self._bar.update(
            self._task, completed=progress.done, total=progress.total, fragments=progress.fragments
        )

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()


def _bar(color: bool) -> RichBar:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        ProgressColumn,
        Task,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichBar
    from rich.text import Text

    class Rate(ProgressColumn):
        """A column with the number of files per second during the last moments."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")

    console = Console(stderr=True, no_color=not color, highlight=False)
    columns = [
        TextColumn("[bold]indexing[/]" if color else "indexing"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} files"),
        TextColumn("[cyan]{task.fields[fragments]:,} fragments[/]"),
        Rate(),
        TimeRemainingColumn(compact=True),
    ]
    return RichBar(
        *(columns if console.width >= _WIDE else columns[1:4]),
        console=console,
        transient=True,
        expand=True,
    )


def summary(report: Report) -> str:
    """One line that says what an update did."""
    written = report.added + report.changed
    parts = []
    if written:
        parts.append(
            f"indexed {output.counted(written, 'file')}, {output.counted(report.fragments, 'fragment')}"
        )
    if report.removed - report.renamed > 0:
        parts.append(f"removed {output.counted(report.removed - report.renamed, 'file')}")
    elif report.removed and not written:
        parts.append(f"removed {output.counted(report.removed, 'file')}")
    if not parts:
        parts.append(f"up to date, {output.counted(report.unchanged, 'file')}")
    return f"{', '.join(parts)} in {report.seconds:.1f} s"
