"""`cornea similar`: find code that resembles the code at a line."""

from __future__ import annotations

import sys

import click

from ..options import common, invocation
from ..searching import Wanted, answer_options, answered, params, show, wanted


@click.command("similar")
@click.argument("place", metavar="FILE:LINE")
@answer_options
@common
def command(place: str, **options: object) -> int:
    """Find code that resembles the code at a line.

    The function (or other fragment) around that line is the question; its own pieces are no answers. FILE is
    relative to the working directory, LINE counts from 1; FILE:LINE:COLUMN is accepted too.

    \b
    Examples:
      cornea similar src/server.py:120
      cornea similar src/server.py:120 --no-tests -n 3
      cornea similar --per-file 5 -g src/server.py src/server.py:120
      cornea similar --format vimgrep main.go:40

    Exit code: 0 if something was found, 1 if nothing, 2 after an error.
    """
    return _similar(place, wanted(options))


def _similar(place: str, asked: Wanted) -> int:
    from retrieval.config import SIMILAR_PROFILE

    from .. import output, session
    from ..asking import asking
    from ..context import load
    from ..places import locate

    context = load(flags=asked.flags)
    session.warn(context)
    wants = params(asked, context, asked.flags.get("search.profile", SIMILAR_PROFILE))
    spot = locate(place, context)
    color = output.wants_color(invocation().color, sys.stderr)
    with asking(context, refresh=asked.refresh, yes=asked.yes, color=color) as ask:
        found = ask("similar", {"path": spot.path, "line": spot.line, **wants})
    return show(answered(f"{spot.path}:{spot.line}", found, words=False), asked, context)
