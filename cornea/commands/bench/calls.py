"""`cornea bench calls`: compare callers with those that a language server finds."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...options import Languages, joined
from .show import reporting, seed_option

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


@click.command("calls")
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--server", required=True, metavar="COMMAND",
              help="The language server, with its arguments.")  # fmt: skip
@click.option("-t", "--language", "languages", multiple=True, required=True, type=Languages(),
              help="The languages of the functions.")  # fmt: skip
@click.option("--functions", type=click.IntRange(1, 10_000), default=250, metavar="N",
              help="Maximum number of functions (default: 250).")  # fmt: skip
@click.option("--open", "open_callers", is_flag=True,
              help="Open all files that may have callers; some servers know only open projects.")  # fmt: skip
@click.option("--sample", type=click.IntRange(0, 100_000), default=0, metavar="N",
              help="Print N differences, for review.")  # fmt: skip
@seed_option
@reporting
def calls(
    path: Path,
    server: str,
    languages: tuple[tuple[str, ...], ...],
    functions: int,
    open_callers: bool,
    sample: int,
    seed: int,
) -> BenchmarkReport:
    """Compare the callers of functions in PATH with the references that a language server finds.

    Functions and methods outside of tests are sampled, except for constructors. A reference of the server
    counts if it is a call. Recall and precision are given for resolved edges alone, and for all edges. The
    server is a program of yours that runs on PATH; nothing else of PATH is run, and no index is used.

    \b
    Examples:
      cornea bench calls ~/src/celery -t python --server "pyright-langserver --stdio"
      cornea bench calls ~/src/vite -t ts --open --server "typescript-language-server --stdio"
      cornea bench calls ~/src/project -t go --server gopls --sample 20
    """
    from research.benchmarks.calls import measure

    from ...context import load, real_folder

    try:
        command = shlex.split(server)
    except ValueError as error:
        raise click.UsageError(f"--server {server}: {error}", click.get_current_context()) from error
    if not command:
        raise click.UsageError("--server '': empty command", click.get_current_context())
    root = real_folder(path)
    return measure(
        root,
        load(path).config,
        command,
        joined(languages),
        functions,
        seed,
        open_callers=open_callers,
        sample=sample,
    )
