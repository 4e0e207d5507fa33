"""`cornea bench search`: score queries about checked-out repositories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .show import PATH, model_option, profile_option, profiles, reporting, seed_option
from .step_display import progress

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("search")
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--trees", required=True, type=PATH, metavar="TREES",
              help="Folder with one checked-out tree per repository.")  # fmt: skip
@click.option("--only", multiple=True, metavar="NAME", help="Only this repository; may be repeated.")
@click.option("--peer", "peers", type=click.Choice(("bm25s", "bm25s-code", "ripgrep")), multiple=True,
              help="Also score this tool; may be repeated.")  # fmt: skip
@profile_option
@model_option
@seed_option
@reporting
def search(
    folder: Path,
    trees: Path,
    only: tuple[str, ...],
    peers: tuple[str, ...],
    profile: str,
    model: str,
    seed: int,
) -> BenchmarkReport:  # fmt: skip
    """Score annotated queries: repos.json and annotations/NAME.json in DIR, each with a tree NAME in TREES.

    Prints nDCG@10 overall, by category and by language, beside the published figures of other tools for the
    same repositories (published.json in DIR). Each tree is indexed in a temporary folder.

    \b
    Examples:
      cornea bench search questions --trees checkouts
      cornea bench search questions --trees checkouts --profile rerank --peer ripgrep --peer bm25s-code
    """
    from research.benchmarks import search as benchmark

    return benchmark.measure(
        folder,
        trees,
        profiles=profiles(profile),
        rivals=tuple(dict.fromkeys(peers)),
        model=model,
        seed=seed,
        only=only,
        say=progress,
    )
