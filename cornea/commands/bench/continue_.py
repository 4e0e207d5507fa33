"""`cornea bench continue`: hold functions of a repository out and type them anew."""

from __future__ import annotations

from pathlib import Path

import click

from .show import form, model_option, report_options, seed_option, show


@click.command("continue")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--functions", type=click.IntRange(1, 100_000), default=200, metavar="N",
              help="At most so many (default: 200).")  # fmt: skip
@model_option
@seed_option
@report_options
def continue_(
    path: Path | None, functions: int, model: str, seed: int, as_json: bool, markdown: bool, plot: Path | None
) -> int:
    """How well is my code continued? Functions of PATH (default: the repository around here) are held out.

    Each is typed anew up to a random statement, in an index that lacks it, and the first suggestion is
    compared with what stood there. Nothing is written to the repository or its index.

    \b
    Examples:
      cornea bench continue
      cornea bench continue ~/src/project --functions 500 --markdown
    """
    wanted = form(as_json, markdown, plot)
    from indexer.encoding import load as load_encoder
    from research.benchmarks import continuation

    from ...context import load

    root = load(path).root
    return show(continuation.measure(root, load_encoder(model), functions, seed), wanted)
