"""`cornea train confidence`: calibrate the confidence of `cornea continue`."""

from __future__ import annotations

from pathlib import Path

import click

from ...options import common
from ...presentation import output
from ..bench.show import PATH, exclude_option, model_option, seed_option
from ..bench.step_display import progress


@click.command("confidence")
@click.option("--repos", multiple=True, required=True, type=PATH, metavar="CLONE",
              help="A clone, or a folder of clones; may be repeated.")  # fmt: skip
@click.option("--functions", type=click.IntRange(1, 10_000), default=80, metavar="N",
              help="Maximum functions held out of each clone (default: 80).")  # fmt: skip
@exclude_option
@click.option("--out", required=True, type=PATH, metavar="FILE", help="File for the calibration (JSON).")
@model_option
@seed_option
@common
def confidence(
    repos: tuple[Path, ...], functions: int, exclude: Path | None, out: Path, model: str, seed: int
) -> int:
    """Learn the probability that a suggestion is right, from held-out functions.

    Use clones that neither the encoder nor the ranker was trained on: on their own training data, both are
    overconfident.

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
        f"wrote {out}, from {len(tried)} functions of {len(names)} repositories; if only suggestions with a "
        f"confidence of at least {shown.threshold:.2f} are shown, {shown.coverage:.0%} of the functions get "
        f"a suggestion, and {shown.precision:.0%} of these suggestions are right"
    )
    return 0
