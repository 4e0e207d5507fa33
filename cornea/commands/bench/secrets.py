"""`cornea bench secrets`: insert made-up secrets into copies of repositories, and look for them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...presentation import output

if TYPE_CHECKING:
    from research.benchmarks.secrets import SecretsOutcome


@click.command("secrets")
@click.argument("repositories", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--places", type=click.IntRange(1, 10_000), default=500, metavar="N",
              help="Total number of secrets (default: 500).")  # fmt: skip
@click.option(
    "--last", is_flag=True, help="Only the kinds of secrets that were chosen after the rules were fixed."
)
@click.option("--detector", is_flag=True, help="Run only the detector; index nothing.")
@click.option("--seed", type=int, default=0, help="Seed of the places and values (default: 0).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def secrets(
    repositories: tuple[Path, ...], places: int, last: bool, detector: bool, seed: int, as_json: bool
) -> int:
    """Insert made-up secrets into copies of REPOSITORIES, index the copies, and look for the secrets.

    Prints the share of secrets that are not in the index, the places where the other secrets were found, and
    the values that are redacted in the original repositories, so that you can spot false positives. The
    repositories are only read.

    \b
    Examples:
      cornea bench secrets ~/src/shop ~/src/site
      cornea bench secrets ~/src/shop --last --detector --places 2000
    """
    from research.benchmarks.secret_kinds import LAST
    from research.benchmarks.secrets import KINDS, RepositorySecrets, SecretsFigures, measure

    kinds = list(LAST if last else KINDS)
    share = -(-places // len(repositories))
    outcomes: list[tuple[str, SecretsOutcome]] = []
    for number, root in enumerate(repositories):
        with tempfile.TemporaryDirectory(prefix="cornea-secrets-") as work:
            found = measure(root.resolve(), Path(work), kinds, share, seed + number, whole=not detector)
        outcomes.append((root.resolve().name, found))
    planted = sum(len(found.planted) for _, found in outcomes)
    recall = 1 - sum(len(found.stored) for _, found in outcomes) / planted
    if as_json:
        rows = [
            RepositorySecrets(
                repository=name, files=found.files, planted=len(found.planted), missed=_missed(found),
                leaks=found.leaks, redacted_before=found.before,
            )
            for name, found in outcomes
        ]  # fmt: skip
        output.write_json(SecretsFigures(round(recall, 4), planted, rows))
        return 0
    from ...presentation import plain

    for name, found in outcomes:
        output.write(f"{name}: {found.files:,} files, {len(found.planted):,} secrets planted")
        for title, lines in (
            ("not redacted", _missed(found)), ("found in", found.leaks), ("redacted before", found.before),
        ):  # fmt: skip
            for line in lines:
                output.write(f"  {title}: {plain.name(line)}")
    output.write(f"recall {recall:.4f} of {planted:,}")
    return 0


def _missed(found: SecretsOutcome) -> list[str]:
    return [f"{one.path}: {one.kind}, {one.syntax}" for one in found.stored]
