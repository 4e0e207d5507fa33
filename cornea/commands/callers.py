"""`cornea callers`: find the callers of a function, method or class."""

from __future__ import annotations

import click

from ..calls_command import calls_options, run
from ..options import common


@click.command("callers")
@calls_options
@common
def command(what: str, **options: object) -> int:
    """Find the callers of a function, method or class.

    The callers of the definitions named NAME, or of the definition at a line. The line of each call is shown.
    "resolved" means that imports, receivers and classes lead to the definition, "by name" that only the name
    does; results in tests come last. NAME may be qualified: Class.method, module.function. FILE:LINE:COLUMN
    at a call stands for the called definition. In a subfolder, only results in that folder are shown; --all
    shows all.

    \b
    Examples:
      cornea callers parse_config
      cornea callers Session.get --no-tests
      cornea callers src/server.py:120
      cornea callers parse_config --format vimgrep
      cornea callers --max-tokens 800 parse_config

    Exit code: 0 if something was found, 1 if nothing was found, 2 after an error.
    """
    return run("callers", what, options)
