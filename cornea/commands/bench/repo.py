"""`cornea bench repo` and `continue`: score queries and suggestions made from the user's own repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .show import model_option, profile_option, profiles, reporting, seed_option, tree_argument

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("repo")
@tree_argument
@click.option("--questions", type=click.IntRange(1, 100_000), default=200, metavar="N",
              help="Maximum docstrings, and maximum beginnings of functions (default: 200).")  # fmt: skip
@click.option("--commits", type=click.IntRange(0, 10_000), default=20, metavar="N",
              help="Use the messages of the last N suitable commits (default: 20).")  # fmt: skip
@profile_option
@model_option
@seed_option
@reporting
def repo(
    path: Path | None, questions: int, commits: int, profile: str, model: str, seed: int
) -> BenchmarkReport:
    """Score queries made from your own code: PATH, by default the repository of this folder.

    A docstring should find its function in an index without docstrings. The beginning of a function should
    find the rest of the function. A commit message should find the functions that the commit changed, in the
    code of the commit's parent. Nothing is written to the repository or its index.

    \b
    Examples:
      cornea bench repo
      cornea bench repo ~/src/project --questions 500 --plot mine.png
    """
    from indexer.encoding import load as load_encoder
    from research.benchmarks import own

    from ...context import load

    root = load(path).root
    return own.measure(
        root, load_encoder(model), profiles(profile), questions, seed, commits=commits, model=model
    )


@click.command("continue")
@tree_argument
@click.option("--functions", type=click.IntRange(1, 100_000), default=200, metavar="N",
              help="Maximum number of functions (default: 200).")  # fmt: skip
@model_option
@seed_option
@reporting
def continue_(path: Path | None, functions: int, model: str, seed: int) -> BenchmarkReport:
    """Measure how good suggestions are for your code: PATH, by default the repository of this folder.

    Functions are held out of a temporary index. Each function is cut at a random statement, and the first
    suggestion is compared with the original code. Nothing is written to the repository or its index.

    \b
    Examples:
      cornea bench continue
      cornea bench continue ~/src/project --functions 500 --markdown
    """
    from indexer.encoding import load as load_encoder
    from research.benchmarks import continuation

    from ...context import load

    return continuation.measure(load(path).root, load_encoder(model), functions, seed)
