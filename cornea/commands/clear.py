"""`cornea clear`: remove indexes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from .. import output
from ..codes import INTERRUPTED
from ..options import common

if TYPE_CHECKING:
    from indexer.catalog import Info

    from ..context import Context


@click.command("clear")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Remove the indexes of all roots, and the cache (asks, or needs --yes).",
)
@click.option("--orphans", is_flag=True, help="Remove the indexes whose root is gone.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print what was removed as one JSON object.")
@common
@click.pass_context
def command(ctx: click.Context, everything: bool, orphans: bool, yes: bool, as_json: bool) -> int:
    """Remove the index of this root; your files stay as they are.

    An index is built again by the next `cornea index` or `cornea search`. On a terminal it asks first.

    \b
    Examples:
      cornea clear
      cornea -C ~/src/django clear --yes
      cornea clear --orphans
      cornea clear --all --yes
    """
    if everything and orphans:
        raise click.UsageError("--all includes the orphans; give one of them", ctx)
    from indexer.catalog import all_indexes, check_readable, folders, read_info

    from .. import session
    from ..context import load

    context = load()
    session.warn(context)
    home = context.config.home
    for folder in folders(home) if everything or orphans else [context.folder]:
        check_readable(folder)
    if everything or orphans:
        found = [info for info in all_indexes(home) if everything or info.orphan]
    else:
        own = read_info(context.folder)
        found = [own] if own is not None else []
    try:
        agreed = yes or not found or _agreed(found, everything)
    except click.Abort:
        output.say("nothing was removed")
        return INTERRUPTED
    if not agreed:
        output.say("nothing was removed")
        return 1
    return _remove(found, context, as_json, everything)


def _agreed(found: Sequence[Info], everything: bool) -> bool:
    from indexer.errors import UsageError

    if output.can_ask():
        what = f"the index of {found[0].root}" if len(found) == 1 else f"{len(found)} indexes"
        return output.ask(f"remove {what}?")
    if everything:
        what = f"{len(found)} indexes" if len(found) > 1 else "1 index"
        raise UsageError(f"{what} would be removed; pass --yes to do it")
    return True  # one's own index is cheap to build again, and orphans are of no use


def _remove(found: Sequence[Info], context: Context, as_json: bool, everything: bool) -> int:
    from indexer.cache import remove_cache
    from indexer.catalog import remove

    from ..hosting import stop_folder

    for info in found:
        stop_folder(info.root, info.folder, context)
        remove(info, context.config)
        if not as_json:
            output.say(f"removed the index of {info.root}")
    if everything:
        remove_cache(context.config.home)
    if as_json:
        output.write(json.dumps({"removed": [str(info.root) for info in found]}))
    elif not found:
        output.say("nothing to remove")
    return 0
