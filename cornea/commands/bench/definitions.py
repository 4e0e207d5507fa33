"""`cornea bench definitions` and `faults`: compare definitions with ctags, count names lost to faults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...options import Languages, joined
from .show import reporting, seed_option

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport

_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
_LANGUAGES = click.option(
    "-t", "--language", "languages", multiple=True, type=Languages(), help="Only these languages."
)


@click.command("definitions")
@_PATHS
@_LANGUAGES
@click.option("--sample", type=click.IntRange(0, 10_000), default=0, metavar="N",
              help="Print N differences of each kind and language, for review.")  # fmt: skip
@seed_option
@reporting
def definitions(
    paths: tuple[Path, ...], languages: tuple[tuple[str, ...], ...], sample: int, seed: int
) -> BenchmarkReport:
    """Compare the definitions of all files below PATHS with those of Universal Ctags.

    Prints two shares for each language: the names from ctags that Cornea finds with the right lines, and
    Cornea's names that ctags lacks. Functions, classes and types are counted separately from values, such as
    constants and variables. The command needs the program ctags (Universal Ctags 5.9 or later) and uses no
    index.

    \b
    Examples:
      cornea bench definitions ~/src/redis ~/src/git -t c
      cornea bench definitions ~/src/project --sample 20
    """
    from research.benchmarks.definitions import compared, report

    return report(compared(paths, joined(languages)), sample, seed)


@click.command("faults")
@_PATHS
@_LANGUAGES
@click.option("--places", type=click.IntRange(1), default=2_000, metavar="N",
              help="Total number of faults (default: 2,000).")  # fmt: skip
@click.option("--sample", type=click.IntRange(0), default=0, metavar="N",
              help="Print the first N harmful faults of each language.")  # fmt: skip
@seed_option
@reporting
def faults(
    paths: tuple[Path, ...], languages: tuple[tuple[str, ...], ...], places: int, sample: int, seed: int
) -> BenchmarkReport:
    """Count the names lost when well-formed files below PATHS get one syntax error at a time.

    A fault deletes a bracket, truncates a line, or inserts a conflict marker or an unknown macro. A fault
    is harmful if a name outside the changed definition is lost, or if a new name appears. Files are only
    read, and no index is used.

    \b
    Examples:
      cornea bench faults ~/src/redis ~/src/vite
      cornea bench faults ~/src/project -t rust --places 200 --sample 20
    """
    from research.benchmarks.faults import measured, report

    return report(measured(paths, joined(languages), places, seed), sample)
