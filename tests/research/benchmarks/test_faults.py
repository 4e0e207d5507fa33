"""Faults in well-formed files: what they change, and which names they may cost."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from indexer.parsing.languages import BY_NAME
from indexer.parsing.parse import parse
from research.benchmarks.faults import KINDS, File, harm, insert, measured, report
from research.benchmarks.report import as_json
from tests.support.schemas import validate

from ...repositories import write

TEXT = (
    b"class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return f(2)\n\n\n"
    b"def h():\n    return 3\n"
)
FILE = File("a.py", TEXT, "python", parse(TEXT, BY_NAME["python"]).symbols)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_changes_one_line(kind: str) -> None:
    """The line that is told, and no other."""
    for seed in range(20):
        made = insert(kind, TEXT, Random(seed))
        if made is None:
            assert kind == "cut"
            continue
        text, line = made
        before, after = TEXT.split(b"\n"), text.split(b"\n")
        added = kind in ("marker", "macro")
        assert after[:line] == before[:line]
        assert after[line + 1 :] == before[line + (not added) :]
        assert after[line] != before[line]


def test_what_a_fault_may_cost() -> None:
    """The innermost definition around its line; nothing else may go, and nothing may come."""
    assert harm(FILE, 2, "cut", ["A", "A.g", "h"]) == ([], [])
    assert harm(FILE, 2, "cut", ["A", "A.f", "h"]) == (["A.g"], [])
    assert harm(FILE, 2, "cut", ["A", "A.f", "A.g", "h", "i"]) == ([], ["i"])
    assert harm(FILE, 8, "macro", ["A", "A.f", "A.g"]) == ([], [])


def test_the_benchmark(tmp_path: Path) -> None:
    """Two languages, a row each, and the sum."""
    go = "".join(
        f"func f{n}(a int) int {{\n\tif a > {n} {{\n\t\treturn a\n\t}}\n\treturn {n}\n}}\n\n"
        for n in range(20)
    )
    python = "".join(
        f"def f{n}(a):\n    if a > {n}:\n        return a\n    return {n}\n\n\n" for n in range(20)
    )
    root = write(tmp_path / "root", {"a.go": "package a\n\n" + go, "a.py": python, "short.py": "x = 1\n"})
    counts = measured([root], ["go", "python"], 40, 0)
    assert {name: count.made.total() for name, count in counts.items()} == {"go": 20, "python": 20}
    made = report(counts, 3)
    validate("commands/bench-faults", json.loads(as_json(made)))
    assert made.figures.faults == 40
    assert made.figures.harmless >= 0.9
    assert [row[0] for row in made.tables[0].rows] == ["go", "python", "all"]
