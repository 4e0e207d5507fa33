"""`cornea bench beir`: score a data set in the BEIR or CoIR layout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.config import CONTINUE_PROFILES, PROFILES

from ...presentation import output
from .show import ALL, PATH, model_option, reporting, seed_option

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("beir")
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--task", type=click.Choice(("search", "continue")), default="search",
              help="Whether a query is words or the code before a cursor (default: search).")  # fmt: skip
@click.option("--split", default="test", metavar="NAME", help="Use qrels/NAME.tsv (default: test).")
@click.option("--peer", "peers", type=click.Choice(("bm25s", "bm25s-code")), multiple=True,
              help="Also rank with this library; may be repeated.")  # fmt: skip
@click.option("--profile", type=click.Choice(tuple(dict.fromkeys((*PROFILES, *CONTINUE_PROFILES, ALL)))),
              default=ALL, help="The ranking to score (default: all rankings of the task).")  # fmt: skip
@model_option
@seed_option
@reporting
def beir(
    folder: Path, task: str, split: str, peers: tuple[str, ...], profile: str, model: str, seed: int
) -> BenchmarkReport:
    """Score a retrieval data set: corpus.jsonl, queries.jsonl and qrels/*.tsv in DIR.

    Documents are stored and queries are answered by the same code as in `cornea search` or `cornea continue`,
    with 100 results per query. If a query of `--task continue` names its language, documents of other
    languages are excluded.

    \b
    Examples:
      cornea bench beir csn-ccr --task continue
      cornea bench beir nl --profile rerank --peer bm25s --json
    """
    chosen = _profiles(task, profile)
    from indexer.encoding import load as load_encoder
    from research.benchmarks import beir as benchmark
    from research.datasets.dataset import load

    data = load(folder, split)
    encoder = load_encoder(model)
    return benchmark.measure(data, encoder, task, chosen, tuple(dict.fromkeys(peers)), seed, output.say)


def _profiles(task: str, choice: str) -> tuple[str, ...]:
    """The profiles that `--profile` selects. Raises click.UsageError for a profile of another task."""
    known = CONTINUE_PROFILES if task == "continue" else PROFILES
    if choice == ALL:
        return known
    if choice not in known:
        raise click.UsageError(
            f"--task {task} has no profile {choice}; use {', '.join(known)}", click.get_current_context()
        )
    return (choice,)
