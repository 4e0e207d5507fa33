"""`cornea bench lsp`: measure the language server's latency and memory."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import click

from .show import report_format, report_options, show
from .step_display import progress


@click.command("lsp")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@report_options
def lsp(path: Path | None, as_json: bool, markdown: bool, plot: Path | None) -> int:
    """Measure the language server: start, ghost text (also during the first indexing), typing, memory.

    The server works on a copy of PATH, by default the packages of the running Python.

    \b
    Examples:
      cornea bench lsp ~/src/django
      cornea bench lsp --markdown
    """
    chosen_format = report_format(as_json, markdown, plot)
    from research.benchmarks import editing

    from ...context import real_folder

    return show(
        editing.measure(real_folder(path or Path(sysconfig.get_paths()["purelib"])), progress), chosen_format
    )
