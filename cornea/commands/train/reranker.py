"""`cornea train reranker`: train the ranker of a task on queries with known answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ...presentation import output
from ..bench.show import PATH, check_format, exclude_option, model_option, report_options, seed_option, show
from ..bench.step_display import progress

if TYPE_CHECKING:
    from research.benchmarks.report import BenchmarkReport

_OPTIONS = {
    "search": ("questions", "trees", "data", "split", "pairs", "config", "described", "folds", "repeats"),
    "continue": ("data", "repos", "functions", "model"),
    "locate": (
        "issues",
        "repos",
        "cache",
        "leave_out",
        "commits",
        "ablation",
        "described",
        "folds",
        "repeats",
    ),
}
"""The options that only some tasks take. All tasks take --out, --exclude-file and --seed."""


@click.command("reranker")
@click.option("--task", type=click.Choice(tuple(_OPTIONS)), default="search",
              help="The task to rank for (default: search).")  # fmt: skip
@click.option("--questions", type=PATH, metavar="DIR",
              help="search: annotated queries: repos.json and annotations/NAME.json.")  # fmt: skip
@click.option("--trees", type=PATH, metavar="TREES",
              help="search: folder with one checked-out tree per repository.")  # fmt: skip
@click.option("--data", multiple=True, type=PATH, metavar="DIR",
              help="search, continue: a data set in the BEIR layout; may be repeated.")  # fmt: skip
@click.option("--split", default="test", metavar="NAME",
              help="search: use qrels/NAME.tsv of each data set (default: test).")  # fmt: skip
@click.option("--pairs", type=PATH, metavar="DIR",
              help="search: output of `cornea train mine`, to train the first stage on.")  # fmt: skip
@click.option("--config", type=PATH, metavar="FILE",
              help="search: an encoder's configuration; use only its repositories for rankers.")  # fmt: skip
@click.option("--repos", multiple=True, type=PATH, metavar="CLONE",
              help="continue, locate: a clone, or a folder of clones.")  # fmt: skip
@click.option("--issues", type=PATH, metavar="FILE",
              help="locate: issues and their fixes, as for `cornea bench locate`.")  # fmt: skip
@click.option("--cache", type=PATH, metavar="DIR",
              help="locate: folder for intermediate results, which a later run reuses.")  # fmt: skip
@click.option("--leave-out", multiple=True, metavar="NAME",
              help="locate: exclude issues of the repository owner/name; may be repeated.")  # fmt: skip
@click.option("--commits", type=click.IntRange(0, 1000), default=0, metavar="N",
              help="locate: also train on N past commits of each repository (default: 0).")  # fmt: skip
@click.option("--ablation", is_flag=True,
              help="locate: also measure without each group of features.")  # fmt: skip
@click.option("--functions", type=click.IntRange(1, 10_000), default=60, metavar="N",
              help="continue: maximum functions held out of each clone (default: 60).")  # fmt: skip
@model_option
@click.option("--out", type=PATH, metavar="DIR",
              help="Folder to write the models to; without --out, they are only measured.")  # fmt: skip
@exclude_option
@click.option("--source", "described", multiple=True, metavar="TEXT",
              help="search, locate: name of a data set in the model card; may be repeated.")  # fmt: skip
@click.option("--folds", type=click.IntRange(2, 100), default=8, metavar="N",
              help="search, locate: folds of a cross-validation (default: 8).")  # fmt: skip
@click.option("--repeats", type=click.IntRange(1, 100), default=3, metavar="N",
              help="search, locate: cross-validations with different folds (default: 3).")  # fmt: skip
@seed_option
@report_options
@click.pass_context
def reranker(
    ctx: click.Context, /, task: str, as_json: bool, markdown: bool, plot: Path | None, **options: Any
) -> int:
    """Train the ranker of a task on queries with known answers, and measure the ranker.

    search: the first stage ranks functions and is trained on mined docstrings and names (--pairs). Without
    --pairs, the bundled first stage is used. The second stage ranks files, with the scores of the first stage
    among its features. Candidates are those of `cornea search`. The figures are cross-validated: the models
    that rank a query are trained without the query's repository. The models in --out are trained on all
    queries.

    continue: both stages are trained on prefixes with known continuations (--data, from `cornea bench
    make-ccr`) and on functions held out of clones (--repos). Measure the result on other repositories with
    `cornea bench beir` and `cornea bench continue`.

    locate: functions are ranked for issues whose fixes are known (--issues), in the code before each fix,
    which is read from clones (--repos). The figures are cross-validated as for search.

    \b
    Examples:
      cornea train reranker --questions annotated --trees checkouts
      cornea train reranker --questions annotated --trees checkouts --pairs mined --out weights
      cornea train reranker --task continue --data ccr --repos clones --exclude-file held.txt --out weights
      cornea train reranker --task locate --issues issues.jsonl --repos clones --cache kept --out weights
    """
    for name in sorted(set(options) - set(_OPTIONS[task]) - {"out", "exclude", "seed"}):
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            flag = next(p.opts[0] for p in ctx.command.params if p.name == name)
            raise click.UsageError(f"{flag} does not apply to --task {task}; leave it out", ctx)
    if task == "continue":
        return _continue(ctx, options)
    check_format(as_json, markdown, plot)
    found = _search(ctx, options) if task == "search" else _locate(ctx, options)
    return show(found, as_json, markdown, plot)


def _search(ctx: click.Context, options: Mapping[str, Any]) -> BenchmarkReport:
    one_of = options["questions"] or options["data"] or options["pairs"]
    if (options["questions"] is None) != (options["trees"] is None) or not one_of:
        raise click.UsageError("no training data; use --pairs, --questions with --trees, or --data", ctx)
    from research.rankers import fitting

    names = ("questions", "trees", "data", "split", "exclude", "described", "pairs", "config")
    sources = fitting.RerankerSources(**_some(options, *names))
    return fitting.fit(sources, options["out"], **_some(options, "folds", "repeats", "seed"), say=progress)


def _locate(ctx: click.Context, options: Mapping[str, Any]) -> BenchmarkReport:
    if options["issues"] is None or options["cache"] is None:
        raise click.UsageError("no training data; --task locate needs --issues and --cache", ctx)
    from research.rankers import localization as training

    names = ("issues", "repos", "cache", "exclude", "leave_out", "commits", "described")
    sources = training.LocalizationSources(**_some(options, *names))
    how = _some(options, "folds", "repeats", "ablation", "seed")
    return training.fit(sources, options["out"], **how, say=progress)


def _some(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names}


def _continue(ctx: click.Context, options: Mapping[str, Any]) -> int:
    data, repos, out = options["data"], options["repos"], options["out"]
    if not data and not repos:
        raise click.UsageError("no training data; use --data or --repos", ctx)
    if out is None:
        raise click.UsageError("missing --out, which --task continue needs", ctx)
    from indexer.encoding import load as load_encoder
    from research.rankers import continuation as training

    wanted = training.ContinuationSources(
        data, repos, options["functions"], options["exclude"], options["seed"]
    )
    groups, names = training.collect(wanted, load_encoder(options["model"]), progress)
    training.write(out, training.fit(groups), groups, names)
    output.say(f"wrote {out}: {len(groups):,} queries of {len(names)} repositories")
    return 0
