"""`cornea bench make-ccr` and `make-nl`: build data sets from local clones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...options import Languages, joined
from ...presentation import output
from . import step_display
from .show import PATH, exclude_option, options
from .step_display import progress

if TYPE_CHECKING:
    from research.benchmarks.build import Make

_COUNT = click.IntRange(1, 1_000_000)

_options = options(
    click.argument("more", metavar="[CLONE]...", nargs=-1, type=PATH),
    click.option("--repos", multiple=True, type=PATH, metavar="CLONE",
                 help="A git clone (bare or not), or a folder of clones; may be repeated."),
    click.option("--out", required=True, type=PATH, metavar="DIR",
                 help="Folder to write; it must be new or empty."),
    exclude_option,
    click.option("--queries", type=_COUNT, default=200, metavar="N",
                 help="Number of queries (default: 200)."),
    click.option("--documents", type=_COUNT, default=10_000, metavar="N",
                 help="Maximum number of documents (default: 10000)."),
    click.option("-t", "--language", type=Languages(), multiple=True, metavar="NAME",
                 help="Only these languages, by name or extension: python,ts."),
    click.option("--seed", type=click.IntRange(0), default=0, metavar="N",
                 help="Seed of the sample (default: 0)."),
)  # fmt: skip


@click.command("make-ccr")
@_options
def make_ccr(**values: Any) -> int:
    """Build a data set of code continuations, like CoIR's CodeSearchNet-CCR.

    A query is the beginning of a function, which is cut at white space after 55 to 75 % of its length. The
    query's document is the rest of the function, with the function's name as title. Tests, vendored and
    generated files and duplicates are excluded. The sample is balanced over languages and repositories. Score
    the data set with: cornea bench beir DIR --task continue

    \b
    Examples:
      cornea bench make-ccr --repos clones --out ccr
      cornea bench make-ccr --repos a.git b.git --out ccr --exclude-file held-out.txt --seed 1
    """
    from research.benchmarks import build

    return _make(build.continuation, values)


@click.command("make-nl")
@_options
def make_nl(**values: Any) -> int:
    """Build a data set for finding a function by its docstring.

    A query is the first paragraph of a docstring. The query's document is the function without the docstring.
    The functions are chosen as in make-ccr. Score the data set with: cornea bench beir DIR --task search

    \b
    Examples:
      cornea bench make-nl --repos clones --out nl
    """
    from research.benchmarks import build

    return _make(build.language, values)


def _make(kind: Make, values: dict[str, Any]) -> int:
    from research.benchmarks.build import build

    paths = (*values["repos"], *values["more"])
    if not paths:
        raise click.UsageError(
            "--repos is missing: name a clone, or a folder of clones", click.get_current_context()
        )
    built = build(
        kind,
        paths,
        values["out"],
        exclude=values["exclude"],
        queries=values["queries"],
        documents=values["documents"],
        languages=joined(values["language"]),
        seed=values["seed"],
        say=progress,
    )
    step_display.end()
    languages = ", ".join(f"{name} {count:,}" for name, count in built.languages.items())
    output.say(
        f"wrote {values['out']}: {built.queries:,} queries, {built.documents:,} documents of "
        f"{len(built.repositories)} repositories ({languages})"
    )
    return 0
