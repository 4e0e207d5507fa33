"""`cornea train continuation`: learn how suggestions of `continue` are ranked."""

from __future__ import annotations

from pathlib import Path

import click

from ... import output
from ...options import common
from ..bench.show import model_option, progress, seed_option

_FOLDER = click.Path(path_type=Path)


@click.command("continuation")
@click.option("--data", multiple=True, type=_FOLDER, metavar="DIR",
              help="A data set of `cornea bench make-ccr`; may be repeated.")  # fmt: skip
@click.option("--repos", multiple=True, type=_FOLDER, metavar="CLONE",
              help="A clone, or a folder of clones, to hold functions out of; may be repeated.")  # fmt: skip
@click.option("--functions", type=click.IntRange(1, 10_000), default=60, metavar="N",
              help="Functions of each clone (default: 60).")  # fmt: skip
@click.option("--exclude-file", "exclude", type=_FOLDER, metavar="FILE",
              help="Refuse repositories named in FILE: owner/name or a remote, one a line.")  # fmt: skip
@click.option("--out", required=True, type=_FOLDER, metavar="DIR",
              help="Folder for the weights: those of the first stage and of the second.")  # fmt: skip
@model_option
@seed_option
@common
def continuation(
    data: tuple[Path, ...], repos: tuple[Path, ...], functions: int, exclude: Path | None, out: Path,
    model: str, seed: int,
) -> int:  # fmt: skip
    """Learn the ranking of continue, from prefixes with known continuations and from functions typed anew.

    \b
    Examples:
      cornea train continuation --data ccr --repos clones --exclude-file held-out.txt --out weights
    """
    if not data and not repos:
        raise click.UsageError("nothing to learn from; give --data or --repos", click.get_current_context())
    from indexer.embedding import load as load_encoder
    from retrieval.training import continuation as training

    wanted = training.Sources(data, repos, functions, exclude, seed)
    groups, names = training.collect(wanted, load_encoder(model), progress)
    training.write(out, training.fit(groups), groups, names)
    output.say(f"wrote {out}: {len(groups):,} questions of {len(names)} repositories")
    return 0
