"""`cornea train confidence`: learn how sure `cornea continue` may be of a suggestion."""

from __future__ import annotations

from pathlib import Path

import click

from ...inputs import OutsidePath
from ...options import common
from ...presentation import output
from ..bench.show import model_option, seed_option
from ..bench.watching import progress

_FOLDER = OutsidePath(path_type=Path)


@click.command("confidence")
@click.option("--repos", multiple=True, required=True, type=_FOLDER, metavar="CLONE",
              help="A clone, or a folder of clones, to hold functions out of; may be repeated.")  # fmt: skip
@click.option("--functions", type=click.IntRange(1, 10_000), default=80, metavar="N",
              help="Functions of each clone (default: 80).")  # fmt: skip
@click.option("--exclude-file", "exclude", type=_FOLDER, metavar="FILE",
              help="Refuse repositories named in FILE: owner/name or a remote, one a line.")  # fmt: skip
@click.option("--out", required=True, type=_FOLDER, metavar="FILE", help="File for the calibration (JSON).")
@model_option
@seed_option
@common
def confidence(
    repos: tuple[Path, ...], functions: int, exclude: Path | None, out: Path, model: str, seed: int
) -> int:
    """Learn the chance that a suggestion is right, from functions that are typed anew.

    Name clones that the encoder and the ranking have not learned from: they are surer of those.

    \b
    Examples:
      cornea train confidence --repos clones --exclude-file held-out.txt --out confidence.json
    """
    from indexer.encoding import load as load_encoder
    from research.rankers import calibration

    tried = list(calibration.collect(repos, load_encoder(model), functions, exclude, seed, progress))
    fitted, shown = calibration.fit(tried)
    names = sorted({one.repo for one in tried})
    about = {
        "functions": len(tried),
        "repositories": names,
        "coverage": round(shown.coverage, 3),
        "precision": round(shown.precision, 3),
    }
    calibration.write(out, fitted, about)
    output.say(
        f"wrote {out}: {len(tried)} functions of {len(names)} repositories; from "
        f"{shown.threshold:.2f} on {shown.coverage:.0%} are shown, {shown.precision:.0%} of them right"
    )
    return 0
