"""`cornea bench definitions`: the names that files define, against those that Universal Ctags finds."""

from __future__ import annotations

from pathlib import Path

import click

from ...options import Languages, joined
from .show import form, report_options, seed_option, show


@click.command("definitions")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("-t", "--language", "languages", multiple=True, type=Languages(), help="Only these languages.")
@click.option("--sample", type=click.IntRange(0, 10_000), default=0, metavar="N",
              help="Name so many differences of each sort and language, to be judged by eye.")  # fmt: skip
@seed_option
@report_options
def definitions(
    paths: tuple[Path, ...], languages: tuple[tuple[str, ...], ...], sample: int, seed: int,
    as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
    """Which names do we lack? Definitions of all files below PATHS, compared with Universal Ctags'.

    Prints, by language, the share of ctags' functions, classes and types, and of its constants, variables
    and the like, that we name with the right lines, and the share of our names that ctags lacks. It needs
    the program ctags (Universal Ctags 5.9 or later); no index is used or made.

    \b
    Examples:
      cornea bench definitions ~/src/redis ~/src/git -t c
      cornea bench definitions ~/src/project --sample 20
    """
    wanted = form(as_json, markdown, plot)
    from research.benchmarks.definitions import compared, report

    return show(report(compared(paths, joined(languages)), sample, seed), wanted)
