"""`cornea bench continue`: score suggestions for held-out functions of a repository."""

from __future__ import annotations

from pathlib import Path

import click

from .show import model_option, report_format, report_options, seed_option, show


@click.command("continue")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--functions", type=click.IntRange(1, 100_000), default=200, metavar="N",
              help="Maximum number of functions (default: 200).")  # fmt: skip
@model_option
@seed_option
@report_options
def continue_(
    path: Path | None, functions: int, model: str, seed: int, as_json: bool, markdown: bool, plot: Path | None
) -> int:
    """Measure how good suggestions are for your code: PATH, by default the repository of this folder.

    Functions are held out of a temporary index. Each function is cut at a random statement, and the first
    suggestion is compared with the original code. Nothing is written to the repository or its index.

    \b
    Examples:
      cornea bench continue
      cornea bench continue ~/src/project --functions 500 --markdown
    """
    chosen_format = report_format(as_json, markdown, plot)
    from indexer.encoding import load as load_encoder
    from research.benchmarks import continuation

    from ...context import load

    root = load(path).root
    return show(continuation.measure(root, load_encoder(model), functions, seed), chosen_format)
