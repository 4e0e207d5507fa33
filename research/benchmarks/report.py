"""The result of a benchmark: tables, remarks, a chart, and figures in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from .figures import plain


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of text cells. The first column names the rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A value with its interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars by name, or lines of (x, y) by name over a logarithmic x."""

    title: str
    y: str
    bars: Sequence[ChartBar] = ()
    x: str = ""
    lines: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BenchmarkReport:
    """The report of a benchmark. `figures` are what `--json` prints."""

    title: str
    tables: Sequence[ReportTable]
    figures: Struct
    notes: Sequence[str] = ()
    chart: Chart | None = None


def as_json(report: BenchmarkReport) -> str:
    """The figures, rounded, in one JSON object."""
    return json.dumps(plain(report.figures), indent=1, ensure_ascii=True)


def as_markdown(report: BenchmarkReport) -> Iterator[str]:
    """The tables for a document."""
    yield f"### {report.title}"
    for table in report.tables:
        yield ""
        yield f"**{table.title}**"
        yield ""
        yield _row(table.head)
        yield _row(["---", *(["---:"] * (len(table.head) - 1))])
        for row in table.rows:
            yield _row(row)
    for note in report.notes:
        yield ""
        yield note


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
