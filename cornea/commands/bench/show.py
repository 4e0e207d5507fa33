"""The options that the benchmarks share, and the printing of reports."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from retrieval.config import PROFILES

from ...inputs import OutsidePath
from ...options import common, invocation
from ...presentation import output
from . import step_display

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport, ReportTable

F = TypeVar("F", bound=Callable[..., Any])

ALL = "all"

profile_option = click.option(
    "--profile", type=click.Choice((*PROFILES, ALL)), default=ALL, help="The ranking to score (default: all)."
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Seed of the samples and intervals (default: 0).",
)
model_option = click.option(
    "--model",
    default="",
    metavar="NAME",
    help="Embedding model: a name or a folder (default: the bundled model).",
)

_FORMS = (
    click.option("--json", "as_json", is_flag=True, help="Print all figures as one JSON object."),
    click.option("--markdown", is_flag=True, help="Print the tables as Markdown."),
    click.option("--plot", type=OutsidePath(path_type=Path), metavar="FILE.png", help="Also draw a chart."),
)


def report_options(command: F) -> F:
    """Add the options of every benchmark that prints a report."""
    for option in reversed(_FORMS):
        command = option(command)
    return common(command)


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """How to show a report."""

    as_json: bool
    markdown: bool
    plot: Path | None


def report_format(as_json: bool, markdown: bool, plot: Path | None) -> ReportFormat:
    """The options of a report. Raises click.UsageError if they contradict each other."""
    if as_json and markdown:
        raise click.UsageError("--json contradicts --markdown; use one of them", click.get_current_context())
    if plot is not None:
        from research.benchmarks.plot import check

        check(plot)
    return ReportFormat(as_json, markdown, plot)


def profiles(choice: str) -> tuple[str, ...]:
    """The profiles that `--profile` selects."""
    return PROFILES if choice == ALL else (choice,)


def show(report: BenchmarkReport, chosen_format: ReportFormat) -> int:
    """Print a report. Returns the exit code."""
    from research.benchmarks import report as forms

    step_display.end()
    if chosen_format.as_json:
        output.write(forms.as_json(report))
    elif chosen_format.markdown:
        for line in forms.as_markdown(report):
            output.write(line)
    else:
        _text(report)
    if chosen_format.plot is not None and report.chart is not None:
        from research.benchmarks.plot import draw

        draw(report.chart, chosen_format.plot)
        output.say(f"wrote {chosen_format.plot}")
    return 0


def _text(report: BenchmarkReport) -> None:
    output.write(report.title)
    for table in report.tables:
        output.write("")
        output.write(table.title)
        if output.is_terminal(sys.stdout):
            _rich(table)
        else:
            _plain(table)
    for note in ("", *report.notes) if report.notes else ():
        output.write(note)


def _plain(table: ReportTable) -> None:
    from ...presentation.tables import table as aligned

    for line in aligned(table.head, table.rows, color=False):
        output.write(line)


def _rich(table: ReportTable) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(box=SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(table.head):
        shown.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in table.rows:
        # Names come from data sets, so markup and control characters in them must have no effect.
        shown.add_row(*(Text(_safe(cell)) for cell in row))
    color = output.wants_color(invocation().color, sys.stdout)
    Console(no_color=not color, highlight=False).print(shown)


def _safe(cell: str) -> str:
    from ...presentation import plain

    return plain.name(cell)
