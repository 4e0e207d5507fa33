"""`cornea bench`: measure quality and speed, on public data sets and on one's own code."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "beir": ("cornea.commands.bench.beir:beir", "Score a data set in the BEIR or CoIR layout."),
    "search": ("cornea.commands.bench.search:search", "Score questions about checked-out repositories."),
    "continue": (
        "cornea.commands.bench.continue_:continue_",
        "Score suggestions for functions of your own repository, typed anew.",
    ),
    "locate": (
        "cornea.commands.bench.locate:locate",
        "Score issues against the functions that were changed for them.",
    ),
    "definitions": (
        "cornea.commands.bench.definitions:definitions",
        "Compare what files define with what Universal Ctags finds.",
    ),
    "faults": ("cornea.commands.bench.faults:faults", "Count the names that syntax errors cost."),
    "repo": ("cornea.commands.bench.repo:repo", "Score questions made from your own repository."),
    "secrets": (
        "cornea.commands.bench.secrets:secrets",
        "Plant secrets in copies of repositories and look for them in the index.",
    ),
    "speed": ("cornea.commands.bench.speed:speed", "Measure indexing, queries, memory and disk."),
    "lsp": ("cornea.commands.bench.lsp:lsp", "Measure the language server: latency and memory."),
    "make-ccr": ("cornea.commands.bench.make:make_ccr", "Build a continuation data set from local clones."),
    "make-nl": (
        "cornea.commands.bench.make:make_nl",
        "Build a docstring-to-function data set from local clones.",
    ),
}


class Benchmarks(LazyGroup):
    """Its commands, imported when run: `--help` needs none of them."""

    table = COMMANDS


@click.group("bench", cls=Benchmarks, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Measure quality and speed, offline: on public data sets and on your own code.

    How far one is, is shown on a terminal, and elsewhere said every 30 seconds.

    Some need libraries of the extra `bench`; where one is missing, the error is the command that installs
    them. Every figure comes with a 95 % interval and the same seed gives the same figures again.

    \b
    Examples:
      cornea bench repo
      cornea bench speed
      cornea bench beir DIR --task continue --profile all --plot scores.png
    """
    if ctx.invoked_subcommand is None:
        from ...presentation import output

        output.write(ctx.get_help())
    else:
        from ...options import invocation
        from .watching import begin

        begin(ctx, invocation().color)
    return 0
