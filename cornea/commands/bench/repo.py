"""`cornea bench repo`: score queries made from the user's own repository."""

from __future__ import annotations

from pathlib import Path

import click

from .show import model_option, profile_option, profiles, report_format, report_options, seed_option, show


@click.command("repo")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--questions", type=click.IntRange(1, 100_000), default=200, metavar="N",
              help="Maximum docstrings, and maximum beginnings of functions (default: 200).")  # fmt: skip
@click.option("--commits", type=click.IntRange(0, 10_000), default=20, metavar="N",
              help="Use the messages of the last N suitable commits (default: 20).")  # fmt: skip
@profile_option
@model_option
@seed_option
@report_options
def repo(
    path: Path | None, questions: int, commits: int, profile: str, model: str, seed: int,
    as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
    """Score queries made from your own code: PATH, by default the repository of this folder.

    A docstring should find its function in an index without docstrings. The beginning of a function should
    find the rest of the function. A commit message should find the functions that the commit changed, in the
    code of the commit's parent. Nothing is written to the repository or its index.

    \b
    Examples:
      cornea bench repo
      cornea bench repo ~/src/project --questions 500 --plot mine.png
    """
    chosen_format = report_format(as_json, markdown, plot)
    from indexer.encoding import load as load_encoder
    from research.benchmarks import own

    from ...context import load

    root = load(path).root
    report = own.measure(
        root, load_encoder(model), profiles(profile), questions, seed, commits=commits, model=model
    )
    return show(report, chosen_format)
