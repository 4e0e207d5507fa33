"""The report on annotated repositories: overall, by category, by language, and beside published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from indexer.errors import UsageError

from ..datasets import annotated
from ..datasets.annotated import AnnotatedQuestion
from ..datasets.steps import Say
from . import tables, trees
from .bootstrap import mean
from .figures import PublishedFigures, SearchFigures
from .metrics import MAIN
from .report import BenchmarkReport, ReportTable
from .trees import Values


def measure(
    data: Path,
    checked_out: Path,
    *,
    profiles: Sequence[str],
    rivals: Sequence[str] = (),
    model: str = "",
    seed: int = 0,
    only: Sequence[str] = (),
    say: Say = lambda line: None,
) -> BenchmarkReport:
    """nDCG@10 on every repository of `data` that is checked out, or only on the repositories in `only`."""
    repositories, absent = annotated.load(data, checked_out)
    published = annotated.published(data)
    for name in only:
        if name not in {one.name for one in repositories}:
            raise UsageError(f"{name}: no such repository with a tree in {checked_out}; check the name")
    chosen = [one for one in repositories if not only or one.name in only]
    questions, values, costs = trees.measure(chosen, model, profiles, rivals, say)
    compared, figures, chart = tables.overall(values, MAIN, seed, "profile")
    names = [one.name for one in chosen]
    found = [
        *compared,
        _grouped("category", [asked.category for asked in questions], values),
        _grouped("language", [asked.language for asked in questions], values),
        *_published(published, questions, values, profiles),
        tables.cost_table(costs, trees.DEPTH),
    ]
    return BenchmarkReport(
        f"{data.name}: {len(questions):,} questions, {len(names)} repositories",
        [table for table in found if table.rows],
        SearchFigures(
            data=data.name,
            seed=seed,
            repositories=names,
            absent=absent,
            questions=len(questions),
            by={
                key: _means([getattr(asked, key) for asked in questions], values)
                for key in ("category", "language", "repo")
            },
            published={tool: _known(scores, questions, values) for tool, scores in published.items()},
            costs={name: tables.query_costs(one) for name, one in costs.items()},
            **figures,
        ),
        _notes(absent, seed),
        chart,
    )


def _notes(absent: Sequence[str], seed: int) -> list[str]:
    notes = [f"Best fragment of each file, 10 answers; seed {seed}."]
    return notes + ([f"Left out, because not checked out: {', '.join(absent)}."] if absent else [])


def _grouped(title: str, groups: Sequence[str], values: Values) -> ReportTable:
    means = _means(groups, values)
    rows = tuple(
        (group, str(groups.count(group)), *(f"{means[name][group]:.3f}" for name in values))
        for group in sorted(set(groups))
    )
    return ReportTable(f"{MAIN} by {title}", (title, "questions", *values), rows)


def _means(groups: Sequence[str], values: Values) -> dict[str, dict[str, float]]:
    """For each way of ranking, the mean over the questions of each group."""
    return {
        name: {group: mean(found) for group, found in tables.by_group(groups, row).items()}
        for name, row in values.items()
    }


def _published(
    published: Mapping[str, Mapping[str, float]],
    questions: Sequence[AnnotatedQuestion],
    values: Values,
    profiles: Sequence[str],
) -> list[ReportTable]:
    """Each tool's published figure beside ours on the same repositories, weighted by questions."""
    if not published:
        return []
    rows = []
    for tool, scores in published.items():
        known = _known(scores, questions, values)
        ours = (f"{known.ours[name]:.3f}" for name in profiles)
        rows.append((tool, f"{known.published:.3f}", str(known.repositories), *ours))
    head = ("tool", "published", "repositories", *(f"our {name}" for name in profiles))
    return [ReportTable("Published by others for the repositories of this run", head, tuple(rows))]


def _known(
    scores: Mapping[str, float], questions: Sequence[AnnotatedQuestion], values: Values
) -> PublishedFigures:
    """A tool's mean and our means, over the questions of the repositories for which the tool has a figure."""
    at = [i for i, asked in enumerate(questions) if asked.repo in scores]
    return PublishedFigures(
        mean([scores[questions[i].repo] for i in at]),
        len({questions[i].repo for i in at}),
        {name: mean([row[i] for i in at]) for name, row in values.items()},
    )
