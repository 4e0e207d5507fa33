"""`cornea train`: learn weights from local repositories."""

from __future__ import annotations

import builtins
import importlib

import click

COMMANDS = {
    "mine": ("mine", "Mine pairs of questions and code from local clones."),
    "continuation": ("continuation", "Learn how the suggestions of `cornea continue` are ranked."),
    "tokens": ("stages", "Learn subword pieces; turn pairs into numbers."),
    "filter": ("stages", "Keep the pairs whose question finds its answer."),
    "negatives": ("stages", "Find code that the model mistakes for the answer."),
    "embedder": ("stages", "Train the encoder on mined pairs."),
    "all": ("stages", "From clones to a finished encoder."),
    "reranker": ("reranker", "Learn a task's ranking from questions with known answers."),
}
"""Name -> module here and one line of help, so that `--help` imports no training."""


class Training(click.Group):
    """Commands from the table, imported when run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        name = cmd_name.replace("-", "_")
        found = getattr(module, f"{name}_" if name in dir(builtins) else name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


@click.group("train", cls=Training, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Learn weights from local repositories, offline.

    Needs the extra: pip install 'cornea[train]'. The same repositories and seed give the same files again.

    \b
    Examples:
      cornea train all --config configs/default.toml --repos clones --out run --exclude-file held-out.txt
      cornea train mine --repos clones --out mined --exclude-data ccr-test -t python,go
      cornea train reranker --questions annotated --trees checkouts --out search-v2
    """
    if ctx.invoked_subcommand is None:
        from ... import output

        output.write(ctx.get_help())
    return 0
