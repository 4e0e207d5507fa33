"""Draws the chart of a report. This is the only module that imports matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indexer.errors import UsageError

from .report import Chart
from .runs import require

_WIDTH, _HEIGHT, _BAR = 8.0, 4.5, 1.15
"""Width and height of a picture, and width of a bar with its name, in inches."""
_DPI = 150


def check(path: Path) -> None:
    """Check before the measurement that a picture can be drawn and written. Raises UsageError."""
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path}: a chart is a .png file; name a file that ends in .png")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; create the folder or name another folder")
    require("matplotlib.figure")


def draw(chart: Chart, path: Path) -> None:
    """Write the picture. Raises UsageError if that fails."""
    # Without pyplot, figures need no display and share no state.
    size = (max(_WIDTH, _BAR * len(chart.bars)), _HEIGHT)
    figure = require("matplotlib.figure").Figure(figsize=size, dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    axes.set_title(chart.title)
    axes.set_ylabel(chart.y)
    if chart.lines:
        _lines(axes, chart)
    else:
        _bars(axes, chart)
    try:
        figure.savefig(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another file") from error


def _bars(axes: Any, chart: Chart) -> None:
    values = [bar.value for bar in chart.bars]
    below = [max(bar.value - bar.low, 0.0) for bar in chart.bars]
    above = [max(bar.high - bar.value, 0.0) for bar in chart.bars]
    drawn = axes.bar([bar.name for bar in chart.bars], values, yerr=[below, above], capsize=4)
    axes.bar_label(drawn, labels=[f"{value:.3f}" for value in values], padding=2)
    axes.set_ylim(0, max([1.0, *(bar.high for bar in chart.bars)]) * 1.08)
    axes.grid(axis="y", alpha=0.3)


def _lines(axes: Any, chart: Chart) -> None:
    for name, points in chart.lines.items():
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(chart.x)
    axes.grid(alpha=0.3)
    axes.legend()
