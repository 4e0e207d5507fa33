"""Shows the current step of a benchmark: as a bar on a terminal, otherwise as a line every 30 seconds."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from ...presentation import output

if TYPE_CHECKING:
    from rich.progress import Progress

EVERY = 30.0
"""Seconds between two lines if there is no terminal."""
_PER_SECOND = 2
"""Redraws of the bar per second. The bar is redrawn rarely, because it shares the processor with what is
measured."""


class StepDisplay:
    """Shows the latest step until it is closed."""

    def __init__(self, *, bar: bool, color: bool, every: float = EVERY) -> None:
        self._bar, self._color, self._every = bar, color, every
        self._started = time.monotonic()
        self._now = ("", 0, 0)
        self._shown: Progress | None = None
        self._ended = threading.Event()
        if not bar:
            threading.Thread(target=self._lines, name="progress", daemon=True).start()

    def step(self, what: str, done: int = 0, total: int = 0) -> None:
        """Set the current step, the number of items done, and the total number of items (0 if unknown)."""
        before, self._now = self._now[0], (what, done, total)
        if not self._bar or self._ended.is_set():
            return
        if self._shown is None:
            self._shown = _bar(self._color)
            self._shown.add_task("", total=None)
            self._shown.start()
        (task,) = self._shown.task_ids
        if what != before:
            self._shown.reset(task, total=total or None, description=what)
        self._shown.update(task, completed=done)

    def close(self) -> None:
        """Remove the bar and print no more lines. May be called twice."""
        self._ended.set()
        if self._shown is not None:
            self._shown.stop()

    def _lines(self) -> None:
        while not self._ended.wait(self._every):
            output.say(f"bench: {self._line()}")

    def _line(self) -> str:
        what, done, total = self._now
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        count = (f", {done:,} of {total:,}" if total else f", {done:,}") if done or total else ""
        return f"{what or 'reading'}{count}, after {minutes}:{seconds:02d}"


_display: StepDisplay | None = None


def begin(ctx: click.Context, color: str) -> None:
    """Show the steps of a benchmark until its click context is closed."""
    global _display  # noqa: PLW0603 - the process has one stderr
    from research.datasets import steps

    terminal = output.is_terminal(sys.stderr)
    _display = StepDisplay(bar=terminal, color=output.wants_color(color, sys.stderr))
    stack = ExitStack()
    stack.callback(end)
    stack.enter_context(steps.told_to(_display.step))
    ctx.call_on_close(stack.close)


def end() -> None:
    """Stop showing steps, before the report is printed."""
    global _display  # noqa: PLW0603
    if _display is not None:
        _display.close()
        _display = None


def progress(line: str) -> None:
    """Show a line as the current step of a benchmark or a training."""
    if _display is not None:
        _display.step(line)
        output.debug(line)
    elif output.is_terminal(sys.stderr):
        output.say(line)
    else:
        output.debug(line)


def _bar(color: bool) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True, no_color=not color, highlight=False),
        transient=True,
        expand=True,
        refresh_per_second=_PER_SECOND,
    )
