"""`cornea bench speed` and `lsp`: measure latency, memory and disk of commands and of the language server."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...presentation import output
from .show import profile_option, profiles, reporting, seed_option, tree_argument
from .step_display import progress

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("speed")
@tree_argument
@click.option("--repeats", type=click.IntRange(1, 1000), default=5, metavar="N",
              help="Runs of each command (default: 5).")  # fmt: skip
@click.option("--scale", type=click.IntRange(1_000, 1_000_000), metavar="N",
              help="Measure an index that grows to N made-up fragments instead.")  # fmt: skip
@profile_option
@seed_option
@reporting
def speed(path: Path | None, repeats: int, scale: int | None, profile: str, seed: int) -> BenchmarkReport:
    """Measure indexing (first run, nothing changed, one file changed), queries, memory and disk.

    The command works on a copy of PATH, by default the packages of the running Python. With --scale, it grows
    an index of made-up functions by factors of ten instead. It first prints how much disk space the index may
    need, and it removes the index at the end.

    \b
    Examples:
      cornea bench speed ~/src/django
      cornea bench speed --scale 100000 --plot growth.png
    """
    if scale is not None and path is not None:
        raise click.UsageError("--scale generates its own code; leave PATH out", click.get_current_context())
    chosen = profiles(profile)
    if scale is not None:
        from indexer.encoding import load as load_encoder
        from research.benchmarks import scale as growth

        return growth.measure(scale, load_encoder(), chosen, seed, progress, output.say)
    from research.benchmarks import speed as benchmark

    return benchmark.measure(_measured(path), chosen, repeats, progress)


@click.command("lsp")
@tree_argument
@reporting
def lsp(path: Path | None) -> BenchmarkReport:
    """Measure the language server: start, ghost text (also during the first indexing), typing, memory.

    The server works on a copy of PATH, by default the packages of the running Python.

    \b
    Examples:
      cornea bench lsp ~/src/django
      cornea bench lsp --markdown
    """
    from research.benchmarks import editing

    return editing.measure(_measured(path), progress)


def _measured(path: Path | None) -> Path:
    """The folder to measure: `path`, or without it the packages of the running Python."""
    from ...context import real_folder

    return real_folder(path or Path(sysconfig.get_paths()["purelib"]))
