"""The rules of this test suite that a machine can check (docs/testing.md has all of them)."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import busy
from tests.support.marks import STARTING, WAITING, marks

TESTS = Path(__file__).parent
OWN_CLOCKS = ("support/waiting.py", "editors/terminal.py")
"""Files that wait, and have a deadline for it."""
WAITS = {"communicate", "result", "settimeout", "told", "until", "wait", "wait_for", "wait_procs"}
PAUSE = 1.0
"""A wait of less is a pause, or a limit that is what the test is about."""


def sources() -> Iterator[Path]:
    """The files of the tests; samples of code, which may be broken, lie in folders that are no packages."""
    return (path for path in TESTS.rglob("*.py") if (path.parent / "__init__.py").exists())


def found(check: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Every expression of a kind, with its place."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, check) and isinstance(node, ast.expr | ast.stmt):
                yield f"{path.relative_to(TESTS)}:{node.lineno}", node


def is_limit(node: ast.expr) -> bool:
    """Whether it is a number of seconds that a busy machine may not keep."""
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value >= PAUSE


def is_clock(node: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Attribute) and inner.attr in ("monotonic", "perf_counter")
        for inner in ast.walk(node)
    )


def test_one_limit() -> None:
    """Who waits for something waits up to LIMIT: no limit of a test's own."""
    wrong = []
    for place, call in found(ast.Call):
        assert isinstance(call, ast.Call)
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        limits = [one.value for one in call.keywords if one.arg == "timeout"]
        limits += call.args if name in WAITS else []
        if any(is_limit(one) for one in limits):
            wrong.append(place)
    assert wrong == []


def test_no_clock_is_judged() -> None:
    """That something took less than so many seconds is said of processor time."""
    wrong = [
        place
        for place, statement in found(ast.Assert)
        if not place.startswith(OWN_CLOCKS)
        for node in ast.walk(statement)
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[-1], ast.Lt | ast.LtE)
        and is_clock(node.comparators[-2] if len(node.ops) > 1 else node.left)
    ]
    assert wrong == []


def test_no_second_try() -> None:
    """No test is run again because it failed, and none has a limit of its own that ends the whole run."""
    for path in sources():
        text = path.read_text("utf-8")
        assert "mark." + "flaky" not in text, path
        assert "mark." + "timeout" not in text, path


def test_marks(request: pytest.FixtureRequest) -> None:
    """What this very test uses gives it no mark."""
    assert list(marks(request.node)) == []


def test_marked_names_exist() -> None:
    """A name that is renamed in the code no longer marks a test."""
    folders = ("cornea", "indexer", "lsp", "mcp_server", "retrieval", "tests")
    text = "\n".join(
        path.read_text("utf-8")
        for folder in folders
        for path in (TESTS.parent / folder).rglob("*.py")
        if path.name not in ("marks.py", "test_rules.py")
    )
    assert [name for name in sorted(STARTING | WAITING) if not re.search(rf"\b{name}\b", text)] == []


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A fixture that starts a process, as `marks` sees it: only its names count."""
    if tmp_path.exists():
        return tmp_path
    raise AssertionError(busy.main("0", sys.executable))


def test_marks_of_a_fixture(waiting: Path, request: pytest.FixtureRequest) -> None:
    """What a fixture uses, and a helper that it calls, marks the test."""
    assert waiting.exists()
    assert list(marks(request.node)) == ["waits", "processes"]
