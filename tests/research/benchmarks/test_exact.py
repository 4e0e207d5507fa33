"""`bench exact`: names and strings are drawn, asked for, and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.errors import UsageError
from research.benchmarks import exact
from research.benchmarks.report import as_json
from tests.repositories import write
from tests.support.schemas import validate

CTAGS = """#!/usr/bin/env python3
import json, re, sys
if sys.argv[1] == "--version":
    print("Universal Ctags 5.9")
else:
    for number, line in enumerate(open(sys.argv[-1]), 1):
        found = re.match(r"(?:(def) )?(\\w+)(?:\\(| = )", line)
        if found:
            kind = "function" if found[1] else "variable"
            print(json.dumps({"_type": "tag", "name": found[2], "kind": kind, "line": number,
                              "pattern": "/^" + line.rstrip() + "$/"}))
"""
CODE = """import os

RETRY_LIMIT = 5


def open_session(name):
    if not name:
        raise ValueError(f"cannot open the session of {name} today")
    return os.open(name, RETRY_LIMIT)
"""
OTHER = """def close_session(name):
    print("the session is closed for good")
    return RETRY_LIMIT
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files, and a program that writes tags as Universal Ctags does."""
    write(tmp_path / "bin", {"ctags": CTAGS})
    (tmp_path / "bin/ctags").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return write(tmp_path / "tree", {"a.py": CODE, "b.py": OTHER})


def test_names_and_strings(tree: Path) -> None:
    said: list[str] = []
    made = exact.measure([tree], names=10, strings=10, seed=0, say=said.append)
    validate("commands/bench-exact", json.loads(as_json(made)))
    figures = made.figures
    assert isinstance(figures, exact.ExactFigures)
    assert figures.questions == {
        "function": 2, "variable": 1, exact.WHOLE: 2, exact.PLAIN: 2, exact.FILLED: 1,
    }  # fmt: skip
    assert {one.mean for one in figures.names.values()} == {1.0}
    assert {one.mean for one in figures.strings.values()} == {1.0}
    assert made.title == "3 names, 2 strings"
    assert said == ["1/1 tree"]


def test_nothing_to_ask(tree: Path) -> None:
    with pytest.raises(UsageError, match="no names and no strings"):
        exact.measure([tree], names=0, strings=0, seed=0)
