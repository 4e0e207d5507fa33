"""Speed: that every figure is there and makes sense, not how large it is."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from indexer.errors import CorneaError, DiskFull, UsageError
from research.benchmarks import processes, scale, speed
from research.benchmarks.report import as_json
from research.benchmarks.runs import percentiles
from tests.support.schemas import validate

from ...repositories import write
from .sets import encoder


@pytest.mark.slow
def test_every_figure_of_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexing, searches by profile, memory, disk; the tree itself is not touched."""
    monkeypatch.setattr(speed, "_ROUNDS", 3)
    root = write(
        tmp_path / "tree", {"a.py": "def alpha(x):\n    return x\n", "b/c.go": "package c\n\nfunc B() {}\n"}
    )
    said: list[str] = []
    report = speed.measure(root, ("bm25", "rerank"), 1, said.append)
    figures = json.loads(as_json(report))
    validate("commands/bench-speed", figures)
    index = figures["index"]
    assert (index["files"], index["functions"]) == (2, 2)
    for key in ("first_index", "no_change", "one_file"):
        assert index[f"{key}_s"] > 0
        assert index[f"{key}_functions_per_s"] == pytest.approx(2 / index[f"{key}_s"], abs=1)
    assert index["first_index_mb"] > 20
    assert figures["index_mb"] > 0
    assert figures["queries"].keys() == {"bm25", "rerank"}
    for row in figures["queries"].values():
        assert 0 < row["warm_p50_ms"] <= row["warm_p99_ms"] < row["cold_p50_ms"] <= row["cold_p99_ms"]
    suggestion = figures["continue"]
    assert 1 <= suggestion["cursors"] <= 2
    assert 0 < suggestion["warm_p50_ms"] <= suggestion["warm_p99_ms"]
    assert suggestion["resident_mb"] > 20
    assert said[0] == "first index"
    assert {path.name for path in root.rglob("*")} == {"a.py", "b", "c.go"}
    assert (root / "a.py").read_text() == "def alpha(x):\n    return x\n"
    assert not list(Path(tempfile.gettempdir()).glob("cornea-bench-*/tree/b/c.go"))


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    """Its last line becomes ours."""
    with pytest.raises(CorneaError, match=r"`cornea search` failed: .*missing QUERY"):
        processes.cornea(["search"], tmp_path, tmp_path / "home")


def test_an_empty_tree(tmp_path: Path) -> None:
    """There is nothing to measure."""
    with pytest.raises(UsageError, match="no files to index"):
        speed.measure(tmp_path, ("bm25",), 1, lambda line: None)


def test_percentiles() -> None:
    """The middle, and the nearest rank to 99 %."""
    assert percentiles([float(n) for n in range(1, 201)]) == (100.5, 198.0)
    assert percentiles([3.0, 1.0]) == (2.0, 3.0)
    assert percentiles([]) == (0.0, 0.0)


def test_sizes_grow_by_ten() -> None:
    """Up to what was asked for, exactly."""
    assert scale.sizes(1_000) == [1_000]
    assert scale.sizes(25_000) == [1_000, 10_000, 25_000]
    assert scale.sizes(1_000_000) == [1_000, 10_000, 100_000, 1_000_000]


@pytest.mark.slow
def test_a_growth_curve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Says what it takes before, measures at each size, leaves nothing behind."""
    monkeypatch.setattr(scale, "SMALLEST", 50)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said: list[str] = []
    report = scale.measure(200, encoder(), ("bm25", "dense"), 0, lambda line: None, said.append)
    validate("commands/bench-speed", json.loads(as_json(report)))
    rows = report.figures.sizes
    assert [row.fragments for row in rows] == [50, 200]
    assert all(row.queries_ms["bm25"].p50 > 0 and row.disk_mb >= 1 and row.resident_mb > 1 for row in rows)
    assert len(said) == 1
    assert "GB of disk" in said[0]
    assert "minutes" in said[0]
    assert report.chart is not None
    assert report.chart.lines.keys() == {"bm25", "dense"}
    assert list(tmp_path.iterdir()) == []


def test_a_growth_that_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before anything is written."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scale, "_BYTES", 1 << 40)
    with pytest.raises(DiskFull, match=r"1,000 fragments may take .* GB"):
        scale.measure(1_000, encoder(), ("bm25",), 0, lambda line: None, lambda line: None)
    assert list(tmp_path.iterdir()) == []
