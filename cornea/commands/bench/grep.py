"""`cornea bench grep`: compare `cornea grep` with ripgrep."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from ...presentation import output


@click.command("grep")
@click.argument("repositories", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--patterns", "count", type=click.IntRange(1, 10_000), default=500, metavar="N",
              help="Patterns for each repository (default: 500).")  # fmt: skip
@click.option("--hostile", type=click.IntRange(0, 10_000), default=0, metavar="N",
              help="Also time N patterns that are made to take long (default: 0).")  # fmt: skip
@click.option("--ripgrep", "program", default="rg", metavar="PROGRAM", help="ripgrep (default: rg).")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Keep the indexes in DIR, and use those that are there.")  # fmt: skip
@click.option("--seed", type=int, default=0, help="Seed of the patterns (default: 0).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def grep(
    repositories: tuple[Path, ...], count: int, hostile: int, program: str, keep: Path | None, seed: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Compare the answers of `cornea grep` and ripgrep for patterns made of words of REPOSITORIES.

    A fifth of the patterns has classes, assertions or anchors. ripgrep gets exactly the indexed files in
    UTF-8; lines with masked secrets are not compared. Prints the patterns for which the lines differ, the
    length of the output against that of ripgrep, and the time of requests to a warm host. The repositories
    are only read.

    \b
    Examples:
      cornea bench grep ~/src/django ~/src/redis
      cornea bench grep ~/src/redis --patterns 100 --hostile 1000 --keep /tmp/indexes

    Exit code: 0 if there is no difference, 1 if there is one, 2 after an error.
    """
    from research.benchmarks.grep import GrepFigures, measure, ripgrep_version

    version, found = ripgrep_version(program), []
    with ExitStack() as stack:
        work = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cornea-grep-")))
        for root in repositories:
            found.append(
                measure(
                    root.resolve(), work, program, count=count, hostile=hostile, seed=seed, say=output.say
                )
            )
    if as_json:
        output.write_json(GrepFigures(version, found))
    else:
        from ...presentation import plain

        for one in found:
            output.write(
                f"{one.repository}: {one.files:,} files, {one.fragments:,} fragments, {one.megabytes} MB; "
                f"{one.patterns} patterns, {len(one.differing)} differ, {len(one.refused)} refused, "
                f"{one.lines:,} lines; output x{one.output}; first {one.first_ms} ms, p50 {one.p50_ms}, p95 "
                f"{one.p95_ms}, processor p50 {one.processor_p50_ms}, ripgrep p50 {one.ripgrep_p50_ms}"
            )
            if one.hostile:
                output.write(
                    f"  {one.hostile} hostile patterns: {one.hostile_answered} answered, longest "
                    f"{one.hostile_longest_ms} ms, {one.hostile_longest_processor_ms} ms of the processor"
                )
            for title, lines in (("differs", one.differing), ("refused", one.refused)):
                for line in lines:
                    output.write(f"  {title}: {plain.code(line)}")
    return 1 if any(one.differing for one in found) else 0
