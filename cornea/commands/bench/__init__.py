"""`cornea bench`: measure quality and speed, on public data sets and on one's own code."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "beir": ("beir", "Score a data set in the BEIR or CoIR layout."),
    "search": ("search", "Score questions about checked-out repositories."),
    "continue": ("continue_", "Score suggestions for functions of your own repository, typed anew."),
    "locate": ("locate", "Score issues against the functions that were changed for them."),
    "repo": ("repo", "Score questions made from your own repository."),
    "speed": ("speed", "Measure indexing, queries, memory and disk."),
    "make-ccr": ("make", "Build a continuation data set from local clones."),
    "make-nl": ("make", "Build a docstring-to-function data set from local clones."),
}
"""Name -> module here and one line of help, so that `--help` imports no benchmark."""

_ATTRIBUTES = {"continue": "continue_"}


class Benchmarks(click.Group):
    """Commands from the table, imported when run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        found = getattr(module, _ATTRIBUTES.get(cmd_name, cmd_name.replace("-", "_")))
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in COMMANDS.items()])


@click.group("bench", cls=Benchmarks, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Measure quality and speed, offline: on public data sets and on your own code.

    Needs the extra: pip install 'cornea[bench]'. Every figure comes with a 95 % interval and the same seed
    gives the same figures again.

    \b
    Examples:
      cornea bench repo
      cornea bench speed
      cornea bench beir DIR --task continue --profile all --plot scores.png
    """
    if ctx.invoked_subcommand is None:
        from ... import output

        output.write(ctx.get_help())
    return 0
