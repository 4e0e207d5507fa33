"""`cornea train reranker`: learn a task's ranking from questions with known answers."""

from __future__ import annotations

from pathlib import Path

import click

from ..bench.show import form, progress, report_options, seed_option, show

_FOLDER = click.Path(path_type=Path)


@click.command("reranker")
@click.option(
    "--task", type=click.Choice(("search",)), default="search", help="What is ranked (default: search)."
)
@click.option("--questions", type=_FOLDER, metavar="DIR",
              help="Annotated questions: repos.json and annotations/NAME.json.")  # fmt: skip
@click.option("--trees", type=_FOLDER, metavar="TREES",
              help="Folder with one checked-out tree a repository.")  # fmt: skip
@click.option("--data", multiple=True, type=_FOLDER, metavar="DIR",
              help="A data set in the BEIR layout to learn from, too; may be repeated.")  # fmt: skip
@click.option("--split", default="test", metavar="NAME", help="Which qrels/NAME.tsv of it (default: test).")
@click.option("--pairs", type=_FOLDER, metavar="DIR",
              help="What `cornea train mine` made: learn the first stage of its functions.")  # fmt: skip
@click.option("--out", type=_FOLDER, metavar="DIR",
              help="Folder to write the models' folders to; without it none are.")  # fmt: skip
@click.option("--exclude-file", "exclude", type=_FOLDER, metavar="FILE",
              help="Refuse repositories named in FILE: owner/name or a remote, one a line.")  # fmt: skip
@click.option("--source", "described", multiple=True, metavar="TEXT",
              help="How the card names a set (default: by its folder); may be repeated.")  # fmt: skip
@click.option("--folds", type=click.IntRange(2, 100), default=8, metavar="N",
              help="Parts of a cross-validation (default: 8).")  # fmt: skip
@click.option("--repeats", type=click.IntRange(1, 100), default=3, metavar="N",
              help="Cross-validations, each with other parts (default: 3).")  # fmt: skip
@seed_option
@report_options
def reranker(
    task: str, questions: Path | None, trees: Path | None, data: tuple[Path, ...], split: str,
    pairs: Path | None, out: Path | None, exclude: Path | None, described: tuple[str, ...], folds: int,
    repeats: int, seed: int, as_json: bool, markdown: bool, plot: Path | None,
) -> int:  # fmt: skip
    """Learn how to rank code from questions with known answers, and how well that does.

    The first stage ranks functions and learns from mined docstrings (--pairs; else it stays as it is), the
    second ranks files, with the first one's scores among its features.

    Candidates come from the real searcher. The figures are cross-validated: each question is ranked by models
    that saw nothing of its repository. The model in --out has seen all of them.

    \b
    Examples:
      cornea train reranker --questions annotated --trees checkouts
      cornea train reranker --questions annotated --trees checkouts --pairs mined --out weights
    """
    wanted = form(as_json, markdown, plot)
    if (questions is None) != (trees is None) or not (questions or data or pairs):
        raise click.UsageError(
            "nothing to learn from; give --pairs, --questions with --trees, or --data",
            click.get_current_context(),
        )
    from retrieval.training import fitting

    report = fitting.fit(
        fitting.Sources(questions, trees, data, split, exclude, described, pairs),
        out,
        folds=folds,
        repeats=repeats,
        seed=seed,
        say=progress,
    )
    return show(report, wanted)
