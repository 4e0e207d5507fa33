"""`cornea bench exact`: measure whether exact matches come first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .show import PATH, reporting, seed_option
from .step_display import progress

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("exact")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--names", type=click.IntRange(0, 100_000), default=2_000, metavar="N",
              help="Number of names to ask for (default: 2,000).")  # fmt: skip
@click.option("--strings", type=click.IntRange(0, 100_000), default=1_000, metavar="N",
              help="Number of strings to ask for (default: 1,000).")  # fmt: skip
@seed_option
@reporting
def exact(paths: tuple[Path, ...], names: int, strings: int, seed: int) -> BenchmarkReport:
    """Measure whether names find their definitions first, and strings the files that hold them.

    Each of PATHS is a tree, which is indexed in a temporary folder. Names and their lines are those of
    Universal Ctags, as many of each kind of definition as there are; names with more than five definitions
    are left out. Strings have at least three words and stand in one file. They are asked for in quotes,
    without quotes, and with values in the place of placeholders such as %s and {name}.

    \b
    Examples:
      cornea bench exact ~/src/redis ~/src/vite
      cornea bench exact ~/src/project --names 200 --strings 0
    """
    from research.benchmarks import exact as benchmark

    return benchmark.measure(paths, names=names, strings=strings, seed=seed, say=progress)
