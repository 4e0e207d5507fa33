"""`cornea bench beir`: score a data set in the BEIR or CoIR layout."""

from __future__ import annotations

from pathlib import Path

import click

from .show import form, model_option, profile_option, profiles, report_options, seed_option, show


@click.command("beir")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--task", type=click.Choice(("search", "continue")), default="search",
              help="Whether a query is words or the code before a cursor (default: search).")  # fmt: skip
@click.option("--split", default="test", metavar="NAME", help="Which qrels/NAME.tsv (default: test).")
@click.option("--peer", "peers", type=click.Choice(("bm25s", "bm25s-code")), multiple=True,
              help="Rank with this library too; may be repeated.")  # fmt: skip
@profile_option
@model_option
@seed_option
@report_options
def beir(
    folder: Path, task: str, split: str, peers: tuple[str, ...], profile: str, model: str, seed: int,
    as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
    """Score a retrieval data set: corpus.jsonl, queries.jsonl and qrels/*.tsv in DIR.

    The documents go through the real store and the questions through the real searcher, 100 answers each.

    \b
    Examples:
      cornea bench beir csn-ccr --task continue
      cornea bench beir nl --profile rerank --peer bm25s --json
    """
    wanted = form(as_json, markdown, plot)
    from indexer.embedding import load as load_encoder
    from retrieval.evaluation import beir as benchmark
    from retrieval.evaluation.dataset import load

    data = load(folder, split)
    encoder = load_encoder(model)
    report = benchmark.measure(data, encoder, task, profiles(profile), tuple(dict.fromkeys(peers)), seed)
    return show(report, wanted)
