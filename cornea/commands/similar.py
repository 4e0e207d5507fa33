"""`cornea similar`: find code similar to the code at a line."""

from __future__ import annotations

import click

from ..options import common
from ..search_options import SearchOptions, answer_options, parse_options, request_params


@click.command("similar")
@click.argument("place", metavar="FILE:LINE")
@answer_options
@common
def command(place: str, **options: object) -> int:
    """Find code similar to the code at a line.

    The query is the function or other fragment around that line; the fragment itself is not a result. FILE is
    relative to the folder of -C or to the working directory; LINE counts from 1. FILE:LINE:COLUMN and
    FILE:FIRST-LAST are accepted, too; of a range, only the first line is used. In a subfolder, only that
    folder is searched; --all searches the whole repository.

    \b
    Examples:
      cornea similar src/server.py:120
      cornea similar src/server.py:120 --no-tests -n 3
      cornea similar --per-file 5 -g src/server.py src/server.py:120
      cornea similar --all src/server.py:120
      cornea similar --format vimgrep main.go:40
      cornea similar --max-tokens 800 main.go:40

    Exit code: 0 if something was found, 1 if nothing was found, 2 after an error.
    """
    return _similar(place, parse_options(options))


def _similar(place: str, options: SearchOptions) -> int:
    from retrieval.config import SIMILAR_PROFILE
    from retrieval.host.requests import SimilarParams

    from .. import session
    from ..asking import asking
    from ..places import parse_location
    from ..presentation.answers import Answer, show
    from ..scope import SearchScope

    context = session.load_context(flags=options.flags)
    scope = SearchScope.of(context, whole=options.whole)
    params = request_params(options, context, options.flags.get("search.profile", SIMILAR_PROFILE), scope)
    location = parse_location(place, context)
    if not options.for_agent:
        scope.announce()
    with asking(
        context, refresh=options.refresh, yes=options.yes, print_remarks=not options.for_agent
    ) as ask:
        found = ask(SimilarParams(path=location.path, line=location.line, **params))
    return show(Answer(f"{location.path}:{location.line}", found, scope, words=False), options, context)
