"""The options that the benchmarks share, and the printing of reports."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
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
PATH = OutsidePath(path_type=Path)

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
exclude_option = click.option(
    "--exclude-file",
    "exclude",
    type=PATH,
    metavar="FILE",
    help="Refuse repositories named in FILE: owner/name or a remote, one per line.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print all figures as one JSON object.")
tree_argument = click.argument("path", required=False, type=click.Path(path_type=Path))


def options(*added: Callable[[F], F]) -> Callable[[F], F]:
    """A decorator that adds the options `added` in this order, then the options that all commands have."""

    def decorate(command: F) -> F:
        for option in reversed(added):
            command = option(command)
        return common(command)

    return decorate


report_options = options(
    json_option,
    click.option("--markdown", is_flag=True, help="Print the tables as Markdown."),
    click.option("--plot", type=PATH, metavar="FILE.png", help="Also draw a chart."),
)


def reporting(command: Callable[..., BenchmarkReport]) -> Callable[..., int]:
    """A command that shows the report that `command` returns, and has the options that all reports have."""

    @functools.wraps(command)
    def run(*, as_json: bool, markdown: bool, plot: Path | None, **values: Any) -> int:
        check_format(as_json, markdown, plot)
        return show(command(**values), as_json, markdown, plot)

    return report_options(run)


def check_format(as_json: bool, markdown: bool, plot: Path | None) -> None:
    """Raise click.UsageError if the options of a report contradict each other."""
    if as_json and markdown:
        raise click.UsageError("--json contradicts --markdown; use one of them", click.get_current_context())
    if plot is not None:
        from research.benchmarks.plot import check

        check(plot)


def profiles(choice: str) -> tuple[str, ...]:
    """The profiles that `--profile` selects."""
    return PROFILES if choice == ALL else (choice,)


def show(report: BenchmarkReport, as_json: bool, markdown: bool, plot: Path | None) -> int:
    """Print a report. Returns the exit code."""
    from research.benchmarks import report as forms

    step_display.end()
    if as_json:
        output.write(forms.as_json(report))
    elif markdown:
        for line in forms.as_markdown(report):
            output.write(line)
    else:
        _text(report)
    if plot is not None and report.chart is not None:
        from research.benchmarks.plot import draw

        draw(report.chart, plot)
        output.say(f"wrote {plot}")
    return 0


def _text(report: BenchmarkReport) -> None:
    from ...presentation.tables import table as aligned

    output.write(report.title)
    for table in report.tables:
        output.write("")
        output.write(table.title)
        if output.is_terminal(sys.stdout):
            _rich(table)
        else:
            for line in aligned(table.head, table.rows, color=False):
                output.write(line)
    for note in ("", *report.notes) if report.notes else ():
        output.write(note)


def _rich(table: ReportTable) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    from ...presentation import plain

    shown = RichTable(box=SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(table.head):
        shown.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in table.rows:
        # Names come from data sets, so markup and control characters in them must have no effect.
        shown.add_row(*(Text(plain.name(cell)) for cell in row))
    color = output.wants_color(invocation().color, sys.stdout)
    Console(no_color=not color, highlight=False).print(shown)
