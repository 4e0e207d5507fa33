"""`cornea bench tokens`: measure what answers in a number of tokens show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .show import PATH, exclude_option, reporting, seed_option
from .step_display import progress

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("tokens")
@click.argument("folder", metavar="[DIR]", required=False, type=PATH)
@click.option("--trees", type=PATH, metavar="TREES",
              help="Folder with one checked-out tree per repository of DIR.")  # fmt: skip
@click.option("--only", multiple=True, metavar="NAME", help="Only this repository of DIR; may be repeated.")
@click.option("--repos", multiple=True, type=PATH, metavar="CLONES",
              help="A clone, or a folder of clones, to make questions from; may be repeated.")  # fmt: skip
@click.option("--questions", type=click.IntRange(1, 100_000), default=300, metavar="N",
              help="Number of questions to make (default: 300).")  # fmt: skip
@click.option("--peer", "peers", multiple=True, metavar="NAME=COMMAND",
              help="Also ask this tool, by a command with {query} and {root}; may be repeated.")  # fmt: skip
@exclude_option
@seed_option
@reporting
def tokens(
    folder: Path | None,
    trees: Path | None,
    only: tuple[str, ...],
    repos: tuple[Path, ...],
    questions: int,
    peers: tuple[str, ...],
    exclude: Path | None,
    seed: int,
) -> BenchmarkReport:  # fmt: skip
    """Measure what `--format agent` shows in 500, 1,000 and 2,000 tokens, compared with grep and other tools.

    DIR has annotated questions, as for `cornea bench search`: the right file must be shown, with at least
    five lines. CLONES give docstrings and messages of commits that have one function as their answer: the
    function must be shown whole, or at least five lines and a quarter of it, with all lines that the commit
    changed. Docstrings of functions are removed from the code that is searched for them.

    \b
    Examples:
      cornea bench tokens --repos ~/src
      cornea bench tokens questions --trees checkouts
      cornea bench tokens --repos ~/src/shop --peer 'mine=mytool search {query} {root}'
    """
    from research.benchmarks import tokens as benchmark

    if (folder is None) != (trees is None):
        raise click.UsageError("DIR and --trees belong together; name both", click.get_current_context())
    return benchmark.measure(
        folder,
        trees,
        repos,
        questions=questions,
        peers=peers,
        exclude=exclude,
        only=only,
        seed=seed,
        say=progress,
    )
