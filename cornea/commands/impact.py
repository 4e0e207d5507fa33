"""`cornea impact`: find everything that depends on a function, method or class."""

from __future__ import annotations

import click

from ..calls_command import calls_options, run
from ..options import common


@click.command("impact")
@calls_options
@common
def command(what: str, **options: object) -> int:
    """Find everything that depends on a function, method or class.

    The callers of the definitions named NAME, or of the definition at a line, then the callers of these, and
    so on, by distance. Beyond the first step, a call is followed only if it is resolved, or one definition
    alone has its name. "resolved" means that imports, receivers and classes lead to the definition, "by name"
    that only the name does; results in tests come last. NAME may be qualified: Class.method, module.function.
    FILE:LINE:COLUMN at a call stands for the called definition. In a subfolder, only results in that folder
    are shown; --all shows all.

    \b
    Examples:
      cornea impact parse_config
      cornea impact Session.get --no-tests
      cornea impact src/server.py:120
      cornea impact parse_config --json
      cornea impact --max-tokens 800 parse_config

    Exit code: 0 if something was found, 1 if nothing was found, 2 after an error.
    """
    return run("impact", what, options)
