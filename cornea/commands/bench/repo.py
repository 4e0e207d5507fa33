"""`cornea bench repo`: score questions made from one's own repository."""

from __future__ import annotations

from pathlib import Path

import click

from .show import form, model_option, profile_option, profiles, report_options, seed_option, show


@click.command("repo")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--questions", type=click.IntRange(1, 100_000), default=200, metavar="N",
              help="At most so many of each kind (default: 200).")  # fmt: skip
@click.option("--commits", type=click.IntRange(0, 10_000), default=20, metavar="N",
              help="Ask about the last N fitting commits (default: 20).")  # fmt: skip
@profile_option
@model_option
@seed_option
@report_options
def repo(
    path: Path | None, questions: int, commits: int, profile: str, model: str, seed: int,
    as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
    """How well does it work on my code? Questions made from PATH (default: the repository around here).

    Each function's docstring should find the function, in an index without docstrings; the beginning of a
    function should find its rest; a commit's message the functions that it changed, at its parent. Nothing is
    written to the repository or its index.

    \b
    Examples:
      cornea bench repo
      cornea bench repo ~/src/project --questions 500 --plot mine.png
    """
    wanted = form(as_json, markdown, plot)
    from indexer.encoding import load as load_encoder
    from research.benchmarks import own

    from ...context import load

    root = load(path).root
    report = own.measure(
        root, load_encoder(model), profiles(profile), questions, seed, commits=commits, model=model
    )
    return show(report, wanted)
