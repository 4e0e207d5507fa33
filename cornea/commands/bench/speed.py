"""`cornea bench speed`: measure indexing, queries, memory and disk."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import click

from ...presentation import output
from .show import profile_option, profiles, report_format, report_options, seed_option, show
from .step_display import progress


@click.command("speed")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--repeats", type=click.IntRange(1, 1000), default=5, metavar="N",
              help="Runs of each command (default: 5).")  # fmt: skip
@click.option("--scale", type=click.IntRange(1_000, 1_000_000), metavar="N",
              help="Measure an index that grows to N made-up fragments instead.")  # fmt: skip
@profile_option
@seed_option
@report_options
def speed(
    path: Path | None, repeats: int, scale: int | None, profile: str, seed: int,
    as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
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
    chosen_format = report_format(as_json, markdown, plot)
    chosen = profiles(profile)
    if scale is not None:
        from indexer.encoding import load as load_encoder
        from research.benchmarks import scale as growth

        return show(growth.measure(scale, load_encoder(), chosen, seed, progress, output.say), chosen_format)
    from research.benchmarks import speed as benchmark

    from ...context import real_folder

    root = real_folder(path or Path(sysconfig.get_paths()["purelib"]))
    return show(benchmark.measure(root, chosen, repeats, progress), chosen_format)
