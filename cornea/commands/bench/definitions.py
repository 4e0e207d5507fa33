"""`cornea bench definitions`: compare the definitions of files with those of Universal Ctags."""

from __future__ import annotations

from pathlib import Path

import click

from ...options import Languages, joined
from .show import report_format, report_options, seed_option, show


@click.command("definitions")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("-t", "--language", "languages", multiple=True, type=Languages(), help="Only these languages.")
@click.option("--sample", type=click.IntRange(0, 10_000), default=0, metavar="N",
              help="Print N differences of each kind and language, for review.")  # fmt: skip
@seed_option
@report_options
def definitions(
    paths: tuple[Path, ...], languages: tuple[tuple[str, ...], ...], sample: int, seed: int,
    as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
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
    chosen_format = report_format(as_json, markdown, plot)
    from research.benchmarks.definitions import compared, report

    return show(report(compared(paths, joined(languages)), sample, seed), chosen_format)
