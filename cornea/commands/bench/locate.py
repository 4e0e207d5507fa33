"""`cornea bench locate`: score issues against the functions that their fixes changed."""

from __future__ import annotations

from pathlib import Path

import click

from retrieval.config import PROFILES

from ...inputs import OutsidePath
from .show import ALL, model_option, report_format, report_options, seed_option, show
from .step_display import progress

_PROFILES = ("bm25", "hybrid", "locate")
"""The profiles that `--profile all` selects."""


@click.command("locate")
@click.argument("file", metavar="FILE", type=OutsidePath(path_type=Path))
@click.option("--repos", required=True, type=OutsidePath(path_type=Path), metavar="DIR",
              help="Folder of local clones, bare or not.")  # fmt: skip
@click.option("--limit", type=click.IntRange(0), default=0, metavar="N",
              help="Maximum number of issues per repository (default: all).")  # fmt: skip
@click.option("--profile", type=click.Choice((*PROFILES, "locate", ALL)), default=ALL,
              help="The ranking to score (default: all, which is bm25, hybrid and locate).")  # fmt: skip
@model_option
@seed_option
@report_options
def locate(
    file: Path, repos: Path, limit: int, profile: str, model: str, seed: int, as_json: bool, markdown: bool,
    plot: Path | None,
) -> int:  # fmt: skip
    """Score the issues in FILE (JSON lines) at their base commits, read from git without a work tree.

    An issue has instance_id, repo (owner/name), base_commit, problem_statement and changed_lines. From one
    commit to the next, only the differences are indexed. Files with "test" in their path are excluded.

    Do not use issues that the ranker was trained on. For such issues, `cornea train reranker --task locate`
    prints cross-validated figures.

    \b
    Examples:
      cornea bench locate issues.jsonl --repos clones
      cornea bench locate issues.jsonl --repos clones --profile locate --limit 3 --json
    """
    chosen_format = report_format(as_json, markdown, plot)
    from research.benchmarks import locate as benchmark

    report = benchmark.measure(
        file,
        repos,
        profiles=_PROFILES if profile == ALL else (profile,),
        limit=limit,
        model=model,
        seed=seed,
        say=progress,
    )
    return show(report, chosen_format)
