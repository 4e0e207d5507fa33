"""`cornea bench lsp`: the language server's latency and memory."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import click

from .show import form, report_options, show
from .watching import progress


@click.command("lsp")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@report_options
def lsp(path: Path | None, as_json: bool, markdown: bool, plot: Path | None) -> int:
    """How fast is the editor? Start, ghost text, also while the first index is built, typing, memory.

    PATH (default: the packages of the running Python) is copied first and never written to.

    \b
    Examples:
      cornea bench lsp ~/src/django
      cornea bench lsp --markdown
    """
    wanted = form(as_json, markdown, plot)
    from research.benchmarks import editing

    from ...context import real_folder

    return show(
        editing.measure(real_folder(path or Path(sysconfig.get_paths()["purelib"])), progress), wanted
    )
