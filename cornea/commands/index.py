"""`cornea index`: bring the index of a folder up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import common
from ..presentation import output

if TYPE_CHECKING:
    from ..context import Context


@click.command("index")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Discard the index and index everything again.")
@click.option("--optimize", is_flag=True, help="Compact the store afterwards.")
@click.option(
    "-y",
    "--yes",
    is_flag=True,
    help="Index without asking, even a part of a repository, a very large folder, / or the home folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")
@common
def command(path: Path | None, rebuild: bool, optimize: bool, yes: bool, as_json: bool) -> int:
    """Index a folder, or bring its index up to date.

    PATH becomes a root with its own index. If the index of a repository around PATH already covers PATH, the
    command asks first, or needs --yes. Without PATH, the root is the nearest repository or indexed folder
    that contains the working directory, or else the working directory. Only changed files are read again. If
    a run is interrupted, the index is usable, and the next run continues from there.

    \b
    Examples:
      cornea index                     this repository
      cornea index ~/src/django        another folder
      cornea index --rebuild           everything again
      cornea index --optimize          make the store smaller after many changes
      cornea -C ~/src/django index     as if started there
    """
    from .. import nesting, session, survey
    from ..presentation import progress

    context = session.load_context(path)
    if path is None:
        nesting.print_root(context)
    else:
        nesting.agree_to_nested(context, yes)
    inner = nesting.inner_roots(context)
    report, repo = session.refresh_index(context, rebuild=rebuild, yes=yes)
    nesting.print_inner_roots(context, inner)
    for remark in (*report.remarks, *survey.unreadable_files(context)):
        output.say(remark)
    if optimize:
        _optimize(context)
    if as_json:
        from ..presentation.json_reports import IndexOutput

        output.write_json(IndexOutput.of(report, str(context.root), repo))
    else:
        output.say(progress.summary(report))
    return 0


def _optimize(context: Context) -> None:
    from indexer.index.compaction import compact_index
    from indexer.index.index import Index
    from indexer.store.shard_files import allocated_bytes

    from ..presentation.tables import size
    from ..session import acquire_index

    index = acquire_index(context)
    assert isinstance(index, Index)
    with index:
        before = allocated_bytes(index.storage.shard)
        if compact_index(index):
            output.say(
                f"compacted the store: {size(allocated_bytes(index.storage.shard))} (was {size(before)})"
            )
        else:
            output.say("the store could not be compacted and is unchanged; `cornea doctor` may say why")
