"""`cornea bench`: measure quality and speed, on public data sets and on the user's own code."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "beir": ("cornea.commands.bench.beir:beir", "Score a data set in the BEIR or CoIR layout."),
    "search": ("cornea.commands.bench.search:search", "Score queries about checked-out repositories."),
    "continue": (
        "cornea.commands.bench.repo:continue_",
        "Score suggestions for functions held out of your own repository.",
    ),
    "locate": (
        "cornea.commands.bench.locate:locate",
        "Score issues against the functions that their fixes changed.",
    ),
    "definitions": (
        "cornea.commands.bench.definitions:definitions",
        "Compare the definitions of files with those of Universal Ctags.",
    ),
    "exact": (
        "cornea.commands.bench.exact:exact",
        "Measure whether names and strings find their places first.",
    ),
    "grep": ("cornea.commands.bench.grep:grep", "Compare `cornea grep` with ripgrep."),
    "faults": ("cornea.commands.bench.definitions:faults", "Count the names lost to syntax errors."),
    "calls": (
        "cornea.commands.bench.calls:calls",
        "Compare callers with those that a language server finds.",
    ),
    "repo": ("cornea.commands.bench.repo:repo", "Score queries made from your own repository."),
    "secrets": (
        "cornea.commands.bench.secrets:secrets",
        "Insert made-up secrets into copies of repositories, and look for them in the index.",
    ),
    "speed": ("cornea.commands.bench.speed:speed", "Measure indexing, queries, memory and disk."),
    "lsp": ("cornea.commands.bench.speed:lsp", "Measure the language server's latency and memory."),
    "agents": ("cornea.commands.bench.agents:agents", "Run your agent on tasks with and without Cornea."),
    "tokens": (
        "cornea.commands.bench.tokens:tokens",
        "Measure what answers in a number of tokens show.",
    ),
    "make-ccr": ("cornea.commands.bench.make:make_ccr", "Build a continuation data set from local clones."),
    "make-nl": (
        "cornea.commands.bench.make:make_nl",
        "Build a docstring-to-function data set from local clones.",
    ),
}


class Benchmarks(LazyGroup):
    """The group of benchmarks. Each benchmark is imported when it runs."""

    table = COMMANDS


@click.group("bench", cls=Benchmarks, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Measure quality and speed, offline: on public data sets and on your own code.

    Progress is shown on a terminal, or printed every 30 seconds.

    Some benchmarks need the libraries of the extra `bench`. If a library is missing, the error says how to
    install the extra. Scores have 95 % intervals, and the same seed gives the same scores.

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
        from .step_display import begin

        begin(ctx, invocation().color)
    return 0
