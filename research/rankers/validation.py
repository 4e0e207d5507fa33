"""Reports the cross-validated scores of a ranker beside the scores of the order without the ranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from msgspec import UNSET, Struct, UnsetType, structs

from ..benchmarks import tables
from ..benchmarks.bootstrap import Estimate, estimate, mean
from ..benchmarks.figures import Difference
from ..benchmarks.metrics import MAIN
from ..benchmarks.report import BenchmarkReport, ReportTable
from .reranker import Group, Model

_SHOWN = 20


class RankerFigures(Struct, kw_only=True):
    """The answer of `train reranker --json`: cross-validated scores, for one stage.

    `stages` has the figures of the other stages by name, and `importance` each feature's share of the gain.
    """

    task: str
    seed: int
    questions: int
    repositories: Sequence[str]
    scores: Mapping[str, Estimate]
    differences: Sequence[Difference]
    importance: Mapping[str, float]
    stages: Mapping[str, RankerFigures] | UnsetType = UNSET


def report(
    task: str, groups: Sequence[Group], values: Sequence[float], model: Model, seed: int
) -> BenchmarkReport:
    """The report of a stage. `values` are the cross-validated scores of the groups."""
    columns = {"before": [group.value(group.before) for group in groups], "learned": list(values)}
    kinds = [group.kind for group in groups]
    compared, figures, chart = tables.overall(columns, MAIN, seed, "order")
    important = sorted(model.importance.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    repos = sorted({group.repo for group in groups})
    return BenchmarkReport(
        f"{task}: {len(groups):,} questions, {len(repos)} repositories, cross-validated by repository",
        [
            *compared,
            ReportTable(f"{MAIN} by kind", ("kind", "questions", *columns), _by_kind(kinds, columns, seed)),
            ReportTable(
                "Features that count most",
                ("feature", "share of the gain"),
                tuple((name, f"{share:.3f}") for name, share in important),
            ),
        ],
        RankerFigures(
            task=task,
            seed=seed,
            questions=len(groups),
            repositories=repos,
            importance=dict(model.importance),
            **figures,
        ),
        [f"Seed {seed}."],
        chart,
    )


def beside(
    published: Mapping[str, Mapping[str, float]], groups: Sequence[Group], values: Sequence[float], seed: int
) -> ReportTable:
    """Other tools' published figures beside ours, as means over the repositories for which both exist.

    The intervals come from resampled repositories, because the other tools publish only one figure per
    repository.
    """
    ours = tables.by_group([group.repo for group in groups], values)
    rows = []
    for tool, scores in published.items():
        pairs = [(mean(ours[repo]), scores[repo]) for repo in sorted(ours.keys() & scores.keys())]
        if pairs:
            mine, theirs = (mean(column) for column in zip(*pairs, strict=True))
            gain = estimate([a - b for a, b in pairs], seed)
            rows.append((tool, str(len(pairs)), f"{theirs:.3f}", f"{mine:.3f}", str(gain)))
    return ReportTable(
        f"{MAIN} published by others, mean over repositories",
        ("tool", "repositories", "published", "learned", "gain [95 %]"),
        tuple(rows),
    )


def measured(
    kinds: Sequence[str], values: Sequence[float], seed: int, what: str, prefix: str = ""
) -> dict[str, str]:
    """The cross-validated figures for the model's card: overall, and by kind of question.

    `what` names the questions in the overall row. `prefix` stands before each kind.
    """
    by_kind = tables.by_group(kinds, values)
    rows = {f"{prefix}{kind}": str(estimate(found, seed)) for kind, found in by_kind.items()}
    return {f"all {what}": str(estimate(values, seed)), **rows}


def _by_kind(
    kinds: Sequence[str], columns: Mapping[str, Sequence[float]], seed: int
) -> tuple[tuple[str, ...], ...]:
    before, learned = (tables.by_group(kinds, columns[name]) for name in ("before", "learned"))
    return tuple(
        (kind, str(len(found)), f"{mean(before[kind]):.3f}", str(estimate(found, seed)))
        for kind, found in learned.items()
    )


def joined(reports: Sequence[BenchmarkReport]) -> BenchmarkReport:
    """One report of several stages.

    Its figures are those of the last stage, with the figures of the other stages under `stages`.
    """
    figures = [cast(RankerFigures, one.figures) for one in reports]
    stages = {one.task: one for one in figures[:-1]}
    shown = [
        replace(table, title=f"{stage.task}: {table.title}")
        for one, stage in zip(reports, figures, strict=True)
        for table in one.tables
    ]
    title = "; ".join(one.title for one in reports)
    return replace(
        reports[-1], title=title, tables=shown, figures=structs.replace(figures[-1], stages=stages)
    )
