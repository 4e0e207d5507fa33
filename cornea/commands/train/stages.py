"""`cornea train tokens|filter|negatives|embedder|all|ablations`: train an encoder, by stages or at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...presentation import output
from ..bench.show import PATH, check_format, json_option, options, seed_option, show
from .mine import JOBS

if TYPE_CHECKING:
    from research.encoder.plan import EncoderPlan

_CONFIG = click.option(
    "--config",
    type=PATH,
    metavar="FILE",
    help="Training configuration in TOML (default: built-in defaults).",
)
_OUT = click.option(
    "--out",
    required=True,
    type=PATH,
    metavar="DIR",
    help="Folder of the run, which every stage reads and writes.",
)
_TEACHER = click.option(
    "--teacher",
    type=PATH,
    metavar="DIR",
    help="Folder of a sentence model whose vectors initialize the table (needs the extra `teacher`).",
)


@click.command("tokens")
@options(_OUT, _CONFIG, JOBS)
def tokens(out: Path, config: Path | None, jobs: int) -> int:
    """Train the subword tokenizer on mined pairs, and tokenize the pairs.

    Reads DIR/mined, the output of `cornea train mine --out DIR/mined`.

    \b
    Examples:
      cornea train tokens --out run
    """
    from research.encoder import recipe
    from research.encoder import tokens as stage

    plan = _plan(config)
    mined = out / recipe.MINED
    total = stage.make(mined, out, plan.tokens, jobs, output.say, plan.for_rankers)
    output.say(f"{total:,} pairs in {out}")
    return 0


@click.command("filter")
@options(_OUT, _CONFIG, _TEACHER, JOBS)
def filter_(out: Path, config: Path | None, teacher: Path | None, jobs: int) -> int:
    """Keep the pairs whose query finds its answer by BM25 or by a dense scorer.

    The dense scorer is the initial table, which was not trained on the pairs.

    \b
    Examples:
      cornea train filter --out run --teacher all-minilm-l6-v2
    """
    from research.encoder import learn, recipe

    plan = _plan(config)
    learn.begin(out, plan.warm.dim, plan.warm.seed, teacher, output.say)
    _show(learn.filtered(out, plan.filter, jobs, output.say))
    for kind, query, first in learn.examples(out, out / recipe.MINED):
        output.say(f"dropped {kind}: {query!r} -> {first!r}")
    return 0


@click.command("negatives")
@options(_OUT, _CONFIG, JOBS)
@click.option(
    "--table", default="warm", metavar="NAME", help="The table in DIR/tables to use (default: warm)."
)
def negatives(out: Path, config: Path | None, jobs: int, table: str) -> int:
    """Mine hard negatives: code of the same repository and language that the model mistakes for the answer.

    \b
    Examples:
      cornea train negatives --out run
    """
    from research.encoder import learn

    total = learn.hardened(out, _plan(config).negatives, table, jobs, output.say)
    output.say(f"negatives for {total:,} pairs in {out}")
    return 0


@click.command("embedder")
@options(_OUT, _CONFIG, _TEACHER, JOBS)
def embedder(out: Path, config: Path | None, teacher: Path | None, jobs: int) -> int:
    """Run the stages from `tokens` on with the pairs in DIR/mined, and print the folder of the encoder.

    \b
    Examples:
      cornea train embedder --out run --teacher all-minilm-l6-v2
    """
    import json

    from research.encoder import recipe

    plan = _plan(config)
    inputs = recipe.PipelineInputs((), teacher=teacher, jobs=jobs)
    recipe.learned(plan, out, inputs, output.say)
    rows = json.loads((out / recipe.MINED / "repos.json").read_bytes())["repositories"]
    output.write(str(recipe.export(plan, out, rows)))
    return 0


@click.command("all")
@options(_OUT, _CONFIG, _TEACHER, JOBS)
@click.option("--repos", multiple=True, required=True, type=PATH, metavar="DIR",
              help="A git clone (bare or not), or a folder of clones; may be repeated.")  # fmt: skip
@click.option("--exclude-file", "exclude_files", multiple=True, type=PATH, metavar="FILE",
              help="Refuse repositories named in FILE, and their forks.")  # fmt: skip
@click.option("--exclude-data", multiple=True, type=PATH, metavar="DIR",
              help="Refuse functions of a data set, clones, source trees or a *.hashes file.")  # fmt: skip
def all_(
    out: Path, config: Path | None, teacher: Path | None, jobs: int, repos: tuple[Path, ...],
    exclude_files: tuple[Path, ...], exclude_data: tuple[Path, ...],
) -> int:  # fmt: skip
    """Run all stages, from clones to a finished encoder. After an interruption, run the same command again.

    Prints the folder of the encoder, which the setting `[embedding] model` can name.

    \b
    Examples:
      cornea train all --config configs/default.toml --repos clones --out run --exclude-file held-out.txt
    """
    from research.encoder import recipe

    inputs = recipe.PipelineInputs(repos, exclude_files, exclude_data, teacher, jobs)
    output.write(str(recipe.carry_out(_plan(config), inputs, out, output.say)))
    return 0


@click.command("ablations")
@options(_OUT, _CONFIG)
@click.option("--nl", multiple=True, type=PATH, metavar="DIR",
              help="A data set of queries in words to score on; may be repeated.")  # fmt: skip
@click.option("--ccr", multiple=True, type=PATH, metavar="DIR",
              help="A data set of code continuations to score on; may be repeated.")  # fmt: skip
@seed_option
@json_option
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def ablations(
    out: Path, config: Path | None, nl: tuple[Path, ...], ccr: tuple[Path, ...], seed: int,
    as_json: bool, markdown: bool,
) -> int:  # fmt: skip
    """Measure the effect of the filter, the hard negatives and the initial table.

    Use data sets that were not used in training. DIR is a finished run. Variants that DIR lacks are trained.

    \b
    Examples:
      cornea train ablations --out run --config configs/default.toml --nl nl --ccr ccr --markdown
    """
    if not nl and not ccr:
        raise click.UsageError("no data to score on; use --nl or --ccr", click.get_current_context())
    check_format(as_json, markdown, None)
    from research.encoder import ablation

    sets = [(path, task) for paths, task in ((nl, "search"), (ccr, "continue")) for path in paths]
    return show(ablation.measure(_plan(config), out, sets, seed, output.say), as_json, markdown, None)


def _plan(config: Path | None) -> EncoderPlan:
    from research.encoder import plan

    return plan.read(config) if config else plan.EncoderPlan("static-code")


def _show(dropped: dict[str, dict[str, int]]) -> None:
    from ...presentation.tables import table

    rows = [(kind, row["pairs"], row["rank"], row["cosine"], row["kept"]) for kind, row in dropped.items()]
    for line in table(("kind", "pairs", "ranked too low", "cosine too low", "kept"), rows, color=False):
        output.say(line)
