"""`cornea train`: learn weights from local repositories."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "mine": ("cornea.commands.train.mine:mine", "Mine pairs of questions and code from local clones."),
    "tokens": ("cornea.commands.train.stages:tokens", "Learn subword pieces; turn pairs into numbers."),
    "filter": ("cornea.commands.train.stages:filter_", "Keep the pairs whose question finds its answer."),
    "negatives": (
        "cornea.commands.train.stages:negatives",
        "Find code that the model mistakes for the answer.",
    ),
    "embedder": ("cornea.commands.train.stages:embedder", "Train the encoder on mined pairs."),
    "ablations": ("cornea.commands.train.stages:ablations", "What each part of the recipe is worth."),
    "all": ("cornea.commands.train.stages:all_", "From clones to a finished encoder."),
    "confidence": (
        "cornea.commands.train.confidence:confidence",
        "Learn how sure `cornea continue` may be of a suggestion.",
    ),
    "reranker": (
        "cornea.commands.train.reranker:reranker",
        "Learn a task's ranking from questions with known answers.",
    ),
}


class Training(LazyGroup):
    """Its commands, imported when run: `--help` needs none of them."""

    table = COMMANDS


@click.group("train", cls=Training, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Learn weights from local repositories, offline.

    Needs the libraries of the extra `train`; where one is missing, the error is the command that installs
    them. The same repositories and seed give the same files again.

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
