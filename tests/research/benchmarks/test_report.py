"""Reports as JSON, Markdown and pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from indexer.errors import Unsupported, UsageError
from research.benchmarks import plot
from research.benchmarks.bootstrap import Estimate
from research.benchmarks.figures import TaskFigures
from research.benchmarks.report import BenchmarkReport, Chart, ChartBar, ReportTable, as_json, as_markdown
from research.benchmarks.runs import require

REPORT = BenchmarkReport(
    "A title",
    [ReportTable("Scores", ("profile", "nDCG@10"), (("bm25", "0.5"), ("a|b", "0.25")))],
    TaskFigures(
        scores={"bm25": {"hit@1": Estimate(0.123456789, 0.0, 1.00000001)}},
        differences=[],
        questions=2,
        costs={},
    ),
    ["A note."],
)


def test_json_is_rounded() -> None:
    """The last bits of a sum are the processor's."""
    assert json.loads(as_json(REPORT)) == {
        "scores": {"bm25": {"hit@1": {"mean": 0.123457, "low": 0.0, "high": 1.0}}},
        "differences": [],
        "questions": 2,
        "costs": {},
    }


def test_markdown() -> None:
    """A heading, a table each, the notes; a bar in a cell is escaped."""
    assert list(as_markdown(REPORT)) == [
        "### A title",
        "",
        "**Scores**",
        "",
        "| profile | nDCG@10 |",
        "| --- | ---: |",
        "| bm25 | 0.5 |",
        "| a\\|b | 0.25 |",
        "",
        "A note.",
    ]


@pytest.mark.parametrize(
    "chart",
    [
        Chart("Bars", "nDCG@10", [ChartBar("bm25", 0.5, 0.4, 0.6), ChartBar("dense", 0.7, 0.7, 0.7)]),
        Chart("Lines", "ms", x="fragments", lines={"bm25": [(1e3, 1.0), (1e6, 9.0)], "dense": [(1e3, 2.0)]}),
    ],
)
def test_pictures(tmp_path: Path, chart: Chart) -> None:
    """A PNG file."""
    path = tmp_path / "chart.png"
    plot.check(path)
    plot.draw(chart, path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_pictures_that_cannot_be_written(tmp_path: Path) -> None:
    """Found out before anything is measured."""
    with pytest.raises(UsageError, match=r"a chart is a \.png file"):
        plot.check(tmp_path / "chart.gif")
    with pytest.raises(UsageError, match="no such folder"):
        plot.check(tmp_path / "nowhere" / "chart.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        plot.draw(Chart("x", "y", [ChartBar("a", 1, 1, 1)]), tmp_path / "folder.png")


def test_a_library_that_is_not_installed() -> None:
    """The error has the command that installs it."""
    with pytest.raises(Unsupported, match=r"run: .*install 'bm25s<1,>=0.3' 'ir-measures"):
        require("no_such_library.part")


@pytest.mark.parametrize("name", ["ir_measures", "bm25s", "matplotlib", "psutil"])
def test_each_library_of_the_extra_may_be_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Unsupported, match=name):
        require(name)
