"""`cornea callees`: find what a function, method or class calls."""

from __future__ import annotations

import click

from ..calls_command import calls_options, run
from ..options import common


@click.command("callees")
@calls_options
@common
def command(what: str, **options: object) -> int:
    """Find what a function, method or class calls.

    The definitions that the definitions named NAME, or the definition at a line, call. Calls of other
    packages are left out. "resolved" means that imports, receivers and classes lead to the definition, "by
    name" that only the name does; results in tests come last. NAME may be qualified: Class.method,
    module.function. FILE:LINE:COLUMN at a call stands for the called definition. In a subfolder, only results
    in that folder are shown; --all shows all.

    \b
    Examples:
      cornea callees parse_config
      cornea callees Session.get -n 5
      cornea callees src/server.py:120
      cornea callees main --json
      cornea callees --max-tokens 800 main

    Exit code: 0 if something was found, 1 if nothing was found, 2 after an error.
    """
    return run("callees", what, options)
