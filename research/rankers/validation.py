"""Reports the cross-validated scores of a ranker beside the scores of the order without the ranker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..benchmarks import tables
from ..benchmarks.bootstrap import estimate, estimates, mean
from ..benchmarks.report import BenchmarkReport, ReportTable
from .reranker import Group, Model

METRIC = "nDCG@10"
_SHOWN = 20


def report(
    task: str, groups: Sequence[Group], values: Sequence[float], model: Model, seed: int
) -> BenchmarkReport:
    """The report of a stage. `values` are the cross-validated scores of the groups."""
    columns = {"before": [group.value(group.before) for group in groups], "learned": list(values)}
    kinds = [group.kind for group in groups]
    compared = tables.pairs(columns, seed)
    found = estimates(columns, seed)
    overall = tuple((name, str(one), str(len(groups))) for name, one in found.items())
    important = sorted(model.importance.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    repos = sorted({group.repo for group in groups})
    return BenchmarkReport(
        f"{task}: {len(groups):,} questions, {len(repos)} repositories, cross-validated by repository",
        [
            ReportTable(f"{METRIC} overall", ("order", f"{METRIC} [95 %]", "questions"), overall),
            tables.pair_table(METRIC, compared),
            ReportTable(f"{METRIC} by kind", ("kind", "questions", *columns), _by_kind(kinds, columns, seed)),
            ReportTable(
                "Features that count most",
                ("feature", "share of the gain"),
                tuple((name, f"{share:.3f}") for name, share in important),
            ),
        ],
        {
            "task": task,
            "seed": seed,
            "questions": len(groups),
            "repositories": repos,
            "scores": {name: one.as_json() for name, one in found.items()},
            "differences": tables.differences(METRIC, compared),
            "importance": dict(model.importance),
        },
        [f"Seed {seed}."],
        tables.bars(METRIC, found),
    )


def beside(
    published: Mapping[str, Mapping[str, float]], groups: Sequence[Group], values: Sequence[float], seed: int
) -> ReportTable:
    """Other tools' published figures beside ours, as means over the repositories for which both exist.

    The intervals come from resampled repositories, because the other tools publish only one figure per
    repository.
    """
    ours: dict[str, list[float]] = defaultdict(list)
    for group, value in zip(groups, values, strict=True):
        ours[group.repo].append(value)
    rows = []
    for tool, scores in published.items():
        pairs = [(mean(ours[repo]), scores[repo]) for repo in sorted(ours.keys() & scores.keys())]
        if pairs:
            mine, theirs = (mean(column) for column in zip(*pairs, strict=True))
            gain = estimate([a - b for a, b in pairs], seed)
            rows.append((tool, str(len(pairs)), f"{theirs:.3f}", f"{mine:.3f}", str(gain)))
    return ReportTable(
        f"{METRIC} published by others, mean over repositories",
        ("tool", "repositories", "published", "learned", "gain [95 %]"),
        tuple(rows),
    )


def measured(groups: Sequence[Group], values: Sequence[float], seed: int) -> dict[str, str]:
    """The cross-validated figures for the model's card: overall, and by kind of question."""
    rows = {"all questions": str(estimate(values, seed))}
    for kind in sorted({group.kind for group in groups}):
        rows[kind] = str(estimate([v for v, g in zip(values, groups, strict=True) if g.kind == kind], seed))
    return rows


def _by_kind(
    kinds: Sequence[str], columns: Mapping[str, Sequence[float]], seed: int
) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    for kind in sorted(set(kinds)):
        at = [place for place, one in enumerate(kinds) if one == kind]
        cells: list[Any] = [f"{mean([columns['before'][i] for i in at]):.3f}"]
        cells.append(str(estimate([columns["learned"][i] for i in at], seed)))
        rows.append((kind, str(len(at)), *cells))
    return tuple(rows)


def joined(reports: Sequence[BenchmarkReport]) -> BenchmarkReport:
    """One report of several stages.

    The `data` of the report are those of the last stage, with the data of the other stages under `stages`.
    """
    last = reports[-1]
    stages = {str(one.data["task"]): one.data for one in reports[:-1]}
    shown = [replace(t, title=f"{one.data['task']}: {t.title}") for one in reports for t in one.tables]
    title = "; ".join(one.title for one in reports)
    return replace(last, title=title, tables=shown, data={**last.data, "stages": stages})
