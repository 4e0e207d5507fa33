"""The tables and figures that several benchmarks share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, TypeVar

from .bootstrap import Estimate, difference, estimates
from .figures import Difference, QueryCosts
from .metrics import MAIN
from .report import Chart, ChartBar, ReportTable
from .runs import DEPTH, Costs

T = TypeVar("T")
Columns = Mapping[str, Sequence[float]]
"""For each metric, one value per question."""


def score_table(title: str, scores: Mapping[str, Mapping[str, Estimate]]) -> ReportTable:
    """A table with a row per metric and a column per way of ranking. Each cell has its interval."""
    metrics = next(iter(scores.values()), {})
    rows = tuple((metric, *(str(row[metric]) for row in scores.values())) for metric in metrics)
    return ReportTable(title, ("metric", *scores), rows)


def pairs(values: Mapping[str, Sequence[float]], seed: int) -> dict[tuple[str, str], Estimate]:
    """For each pair of ways of ranking, the gain of the later over the earlier way, as a paired estimate."""
    return {(b, a): difference(values[b], values[a], seed) for a, b in combinations(values, 2)}


def pair_table(metric: str, found: Mapping[tuple[str, str], Estimate]) -> ReportTable:
    """A table with a row per difference. A difference whose interval contains 0 may be chance."""
    rows = tuple(
        (f"{a} - {b}", _signed(one), "yes" if one.low > 0 or one.high < 0 else "no")
        for (a, b), one in found.items()
    )
    return ReportTable(
        f"Differences in {metric}, paired", ("pair", "difference [95 %]", "beyond chance"), rows
    )


def cost_table(costs: Mapping[str, Costs], answers: int) -> ReportTable:
    """Time and memory by way of ranking."""
    head = ("profile", "p50 ms", "p99 ms", "MB per query", "MB resident")
    rows = tuple(
        (name, f"{c.p50:.1f}", f"{c.p99:.1f}", f"{c.query:.2f}", f"{c.resident:.0f}")
        for name, c in costs.items()
    )
    return ReportTable(f"Costs of a query with {answers} answers", head, rows)


def summary(
    columns: Mapping[str, Columns], costs: Mapping[str, Costs], seed: int
) -> tuple[list[ReportTable], dict[str, Any], Chart]:
    """The tables, the figures and the chart of several ways of ranking one set of questions."""
    tables, figures, chart = compared(columns, MAIN, seed)
    figures["costs"] = {name: query_costs(one) for name, one in costs.items()}
    return [*tables, cost_table(costs, DEPTH)], figures, chart


def compared(
    columns: Mapping[str, Columns], metric: str, seed: int, title: str = "Scores [95 %]"
) -> tuple[list[ReportTable], dict[str, Any], Chart]:
    """The tables, the figures and the chart of several ways of ranking. `metric` is compared in pairs."""
    scores = {name: estimates(row, seed) for name, row in columns.items()}
    gains = pairs({name: row[metric] for name, row in columns.items()}, seed)
    tables = [score_table(title, scores)]
    tables += [pair_table(metric, gains)] if gains else []
    figures = {"scores": scores, "differences": differences(metric, gains)}
    return tables, figures, bars(metric, {name: row[metric] for name, row in scores.items()})


def overall(
    values: Columns, metric: str, seed: int, what: str
) -> tuple[list[ReportTable], dict[str, Any], Chart]:
    """The tables, the figures and the chart of several ways of ranking, by one metric.

    `values` has the values of each way by the way's name. `what` is the heading of the column of these names.
    """
    found, gains = estimates(values, seed), pairs(values, seed)
    rows = tuple((name, str(one), str(len(values[name]))) for name, one in found.items())
    tables = [
        ReportTable(f"{metric} overall", (what, f"{metric} [95 %]", "questions"), rows),
        pair_table(metric, gains),
    ]
    return tables, {"scores": found, "differences": differences(metric, gains)}, bars(metric, found)


def by_group(groups: Sequence[str], values: Sequence[T]) -> dict[str, list[T]]:
    """The values of each group, by group in sorted order. `groups` has the group of each value."""
    found: dict[str, list[T]] = {group: [] for group in sorted(set(groups))}
    for group, value in zip(groups, values, strict=True):
        found[group].append(value)
    return found


def differences(metric: str, found: Mapping[tuple[str, str], Estimate]) -> list[Difference]:
    """The differences as figures."""
    return [Difference(metric, a, b, one.mean, one.low, one.high) for (a, b), one in found.items()]


def query_costs(costs: Costs) -> QueryCosts:
    """The costs as figures."""
    return QueryCosts(
        round(costs.p50, 3), round(costs.p99, 3), round(costs.query, 3), round(costs.resident, 1)
    )


def bars(metric: str, found: Mapping[str, Estimate]) -> Chart:
    """A chart with a bar per way of ranking."""
    return Chart(
        f"{metric} with 95 % intervals",
        metric,
        tuple(ChartBar(name, one.mean, one.low, one.high) for name, one in found.items()),
    )


def _signed(one: Estimate) -> str:
    return f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
