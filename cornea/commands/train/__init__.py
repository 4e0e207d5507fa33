"""`cornea train`: train weights on local repositories."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "mine": ("cornea.commands.train.mine:mine", "Mine pairs of queries and code from local clones."),
    "tokens": ("cornea.commands.train.stages:tokens", "Train the tokenizer, and tokenize the pairs."),
    "filter": ("cornea.commands.train.stages:filter_", "Keep the pairs whose query finds its answer."),
    "negatives": (
        "cornea.commands.train.stages:negatives",
        "Mine hard negatives: code that the model mistakes for the answer.",
    ),
    "embedder": ("cornea.commands.train.stages:embedder", "Train the encoder on mined pairs."),
    "ablations": ("cornea.commands.train.stages:ablations", "Measure the effect of each part of the recipe."),
    "all": ("cornea.commands.train.stages:all_", "Run all stages, from clones to a finished encoder."),
    "confidence": (
        "cornea.commands.train.confidence:confidence",
        "Calibrate the confidence of `cornea continue`.",
    ),
    "reranker": (
        "cornea.commands.train.reranker:reranker",
        "Train the ranker of a task on queries with known answers.",
    ),
}


class Training(LazyGroup):
    """The group of training commands. Each command is imported when it runs."""

    table = COMMANDS


@click.group("train", cls=Training, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Train weights on local repositories, offline.

    Training needs the libraries of the extra `train`. If a library is missing, the error says how to install
    the extra. The same repositories and seed give the same files.

    \b
    Examples:
      cornea train all --config configs/default.toml --repos clones --out run --exclude-file held-out.txt
      cornea train mine --repos clones --out mined --exclude-data ccr-test -t python,go
      cornea train reranker --questions annotated --trees checkouts --out search-v2
    """
    if ctx.invoked_subcommand is None:
        from ...presentation import output

        output.write(ctx.get_help())
    return 0
