"""`cornea clear`: remove indexes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ..codes import ERROR, INTERRUPTED
from ..options import common
from ..presentation import output

if TYPE_CHECKING:
    from indexer.index.catalog import IndexInfo

    from ..context import Context


@click.command("clear")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Remove the indexes of all roots, and the cache.",
)
@click.option("--orphans", is_flag=True, help="Remove the indexes whose root no longer exists.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print what was removed as one JSON object.")
@common
@click.pass_context
def command(ctx: click.Context, everything: bool, orphans: bool, yes: bool, as_json: bool) -> int:
    """Remove the index of this root; your files are not touched.

    The next `cornea index` or `cornea search` builds the index again. On a terminal, the command asks first;
    elsewhere, it needs --yes, except with --orphans.

    \b
    Examples:
      cornea clear
      cornea -C ~/src/django clear --yes
      cornea clear --orphans
      cornea clear --all --yes
    """
    if everything and orphans:
        raise click.UsageError("--all includes the orphans; use one of them", ctx)
    from indexer.analysis.cache import remove_cache

    from .. import session
    from ..nesting import print_root

    context = session.load_context()
    if not (everything or orphans):
        print_root(context)
    if everything or orphans:
        found, trouble = _all_indexes(context, orphans)
    else:
        found, trouble = _own_index(context), {}
    try:
        confirmed = yes or not found or _confirm(found, orphans)
    except click.Abort:
        output.say("nothing was removed")
        return INTERRUPTED
    if not confirmed:
        output.say("nothing was removed")
        return 1
    removed, failed = _remove(found, context, as_json)
    if everything:
        remove_cache(context.config.home)
    return _report(removed, {**trouble, **failed}, as_json)


def _own_index(context: Context) -> list[IndexInfo]:
    """A list with the index of this root, if it has one. Raises StoreError if the folder is not readable."""
    from indexer.index.catalog import check_readable, read_info

    check_readable(context.folder)
    own = read_info(context.folder)
    return [own] if own is not None else []


def _all_indexes(context: Context, orphans: bool) -> tuple[list[IndexInfo], dict[str, str]]:
    """All indexes; with `orphans`, only the indexes whose root is gone.

    Also returns, by folder, why other indexes cannot be read.
    """
    from indexer.index.catalog import MANIFEST, index_folders, read_info, why_unreadable
    from indexer.store.storage import SHARD

    found, trouble = [], {}
    for folder in index_folders(context.config.home):
        info = read_info(folder)
        if why := why_unreadable(folder):
            trouble[str(folder)] = why
        elif info is not None:
            found.append(info)
        elif any(os.path.lexists(folder / name) for name in (MANIFEST, SHARD)):
            trouble[str(folder)] = (
                f"{folder}: does not name the root of its index; delete that folder by hand"
            )
    return [info for info in found if info.orphan or not orphans], trouble


def _confirm(found: Sequence[IndexInfo], orphans: bool) -> bool:
    from indexer.errors import UsageError

    if output.can_ask():
        what = f"the index of {found[0].root}" if len(found) == 1 else f"{len(found)} indexes"
        return output.ask(f"remove {what}?")
    if orphans:
        return True
    what = f"{len(found)} indexes" if len(found) > 1 else f"the index of {found[0].root}"
    raise UsageError(f"this would remove {what}; pass --yes to do it")


def _remove(found: Sequence[IndexInfo], context: Context, as_json: bool) -> tuple[list[str], dict[str, str]]:
    """Remove indexes. An error with one index does not keep the others from being removed.

    Returns the roots whose indexes were removed, and, by root, why an index was not removed.
    """
    from indexer.errors import CorneaError
    from indexer.index.catalog import remove_index

    from ..hosting import stop_folder

    removed, failed = [], {}
    for info in found:
        try:
            stop_folder(info.root, info.folder, context)
            remove_index(info, context.config)
        except (CorneaError, OSError) as error:
            failed[str(info.root)] = f"the index of {info.root} was not removed: {error}"
            continue
        removed.append(str(info.root))
        if not as_json:
            output.say(f"removed the index of {info.root}")
    return removed, failed


def _report(removed: Sequence[str], failed: Mapping[str, str], as_json: bool) -> int:
    for why in failed.values():
        output.error(why)
    if as_json:
        from msgspec import UNSET

        from ..presentation.json_reports import ClearOutput, FailedRemoval

        rows = [FailedRemoval(where, why) for where, why in failed.items()]
        output.write_json(ClearOutput(list(removed), rows or UNSET))
    elif not removed and not failed:
        output.say("nothing to remove")
    return ERROR if failed else 0
