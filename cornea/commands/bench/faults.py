"""`cornea bench faults`: measure the effect of one syntax error at random places of well-formed files."""

from __future__ import annotations

from pathlib import Path

import click

from ...options import Languages, joined
from .show import report_format, report_options, seed_option, show


@click.command("faults")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("-t", "--language", "languages", multiple=True, type=Languages(), help="Only these languages.")
@click.option("--places", type=click.IntRange(1), default=2_000, metavar="N",
              help="Total number of faults (default: 2,000).")  # fmt: skip
@click.option("--sample", type=click.IntRange(0), default=0, metavar="N",
              help="Print the first N harmful faults of each language.")  # fmt: skip
@seed_option
@report_options
def faults(
    paths: tuple[Path, ...], languages: tuple[tuple[str, ...], ...], places: int, sample: int, seed: int,
    as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
    """Count the names lost when well-formed files below PATHS get one syntax error at a time.

    A fault deletes a bracket, truncates a line, or inserts a conflict marker or an unknown macro. A fault is
    harmful if a name outside the changed definition is lost, or if a new name appears. Files are only read,
    and no index is used.

    \b
    Examples:
      cornea bench faults ~/src/redis ~/src/vite
      cornea bench faults ~/src/project -t rust --places 200 --sample 20
    """
    chosen_format = report_format(as_json, markdown, plot)
    from research.benchmarks.faults import measured, report

    return show(report(measured(paths, joined(languages), places, seed), sample), chosen_format)
