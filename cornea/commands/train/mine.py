"""`cornea train mine`: mine pairs of queries and code from local clones."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ...options import Languages, common, invocation, joined
from ...presentation import output
from ..bench.show import PATH

JOBS = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=lambda: os.cpu_count() or 1,
    metavar="N",
    help="Processes (default: one per processor).",
)
_SHOWN = 12
"""Maximum rules that the final table lists."""


@click.command("mine")
@click.option(
    "--repos",
    multiple=True,
    required=True,
    type=PATH,
    metavar="DIR",
    help="A git clone (bare or not), or a folder of clones; may be repeated.",
)
@click.option(
    "--out",
    required=True,
    type=PATH,
    metavar="DIR",
    help="Folder to write; results of an earlier run with the same options are reused.",
)
@click.option(
    "--exclude-file",
    "exclude_files",
    multiple=True,
    type=PATH,
    metavar="FILE",
    help="Refuse repositories named in FILE (owner/name or a remote, one per line), and their forks.",
)
@click.option(
    "--exclude-data",
    multiple=True,
    type=PATH,
    metavar="DIR",
    help="Refuse functions that occur in a data set (BEIR layout), clones, source trees or a *.hashes file.",
)
@click.option(
    "-t",
    "--languages",
    type=Languages(),
    multiple=True,
    metavar="NAME",
    help="Only these languages, by name or extension: python,ts.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, metavar="N", help="Seed of the samples (default: 0)."
)
@click.option(
    "--limit-per-repo",
    "limit",
    type=click.IntRange(1),
    metavar="N",
    help="Maximum number of functions per repository, drawn at random.",
)
@click.option(
    "--commits",
    type=click.IntRange(0),
    default=400,
    metavar="N",
    help="Use the newest N suitable commits of each repository (default: 400).",
)
@click.option(
    "--list",
    "listed",
    type=PATH,
    metavar="FILE",
    help="Mine only the repositories in FILE (JSON or TOML with name and commit), at the given commits.",
)
@JOBS
@click.option(
    "--repo-seconds",
    "seconds",
    type=click.FloatRange(0.001),
    default=900.0,
    metavar="S",
    help="Give up on a repository after S seconds (default: 900).",
)
@common
def mine(**options: Any) -> int:
    """Mine pairs of queries and code from local clones.

    Clones are read from git at HEAD, without a checkout. Only code under a permissive licence is mined.
    Functions in the excluded data and further copies of a function are dropped. There are four kinds of
    pairs: documentation and function, beginning and rest, signature and body, commit message and changed
    function.

    The command writes pairs/OWNER+NAME.jsonl.gz, repos.json (accepted and refused repositories with the
    reasons), report.json (what each rule dropped, with examples) and excluded.hashes. A later run can use
    excluded.hashes as --exclude-data instead of the excluded data.

    \b
    Examples:
      cornea train mine --repos clones --out mined --exclude-file held-out.txt --exclude-data ccr-test
      cornea train mine --repos clones --out mined -t python,go --limit-per-repo 5000
      cornea train mine --repos clones --out mined --list mined-before/repos.json
    """
    from research.mining import mine as mining

    options |= {"languages": joined(options["languages"]), "limit": options["limit"] or 0}
    outcome = mining.mine(mining.MiningOptions(**options), say=output.say)
    _show(mining.totals(outcome.repositories), outcome.drops)
    return 0


def _show(totals: Mapping[str, int], drops: Mapping[str, Mapping[str, Any]]) -> None:
    from ...presentation.tables import table

    color = output.wants_color(invocation().color, sys.stderr)
    rows: Sequence[Sequence[str | int]] = [(name, count) for name, count in totals.items()]
    most = sorted(drops.items(), key=lambda item: (-item[1]["count"], item[0]))[:_SHOWN]
    for line in table(("mined", ""), rows, color=color):
        output.say(line)
    if most:
        for line in table(("dropped", ""), [(rule, row["count"]) for rule, row in most], color=color):
            output.say(line)
