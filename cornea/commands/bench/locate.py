"""`cornea bench locate`: score issues against the functions that their fixes changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.config import PROFILES

from .show import ALL, PATH, model_option, reporting, seed_option
from .step_display import progress

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport


_PROFILES = ("bm25", "hybrid", "locate")
"""The profiles that `--profile all` selects."""


@click.command("locate")
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--repos", required=True, type=PATH, metavar="DIR",
              help="Folder of local clones, bare or not.")  # fmt: skip
@click.option("--limit", type=click.IntRange(0), default=0, metavar="N",
              help="Maximum number of issues per repository (default: all).")  # fmt: skip
@click.option("--profile", type=click.Choice((*PROFILES, "locate", ALL)), default=ALL,
              help="The ranking to score (default: all, which is bm25, hybrid and locate).")  # fmt: skip
@model_option
@seed_option
@reporting
def locate(file: Path, repos: Path, limit: int, profile: str, model: str, seed: int) -> BenchmarkReport:
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
    from research.benchmarks import locate as benchmark

    return benchmark.measure(
        file,
        repos,
        profiles=_PROFILES if profile == ALL else (profile,),
        limit=limit,
        model=model,
        seed=seed,
        say=progress,
    )
