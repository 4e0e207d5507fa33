"""Outlines of files for agents."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.agent_text.layout import HEADER
from retrieval.agent_text.outlines import OutlinedDefinition, OutlinedFile, outlines_text
from retrieval.agent_text.tokens import tokens

LINES = {
    1: "LIMIT = 3  # maximum of open sessions",
    2: "",
    3: "@final",
    4: "class Session:",
    5: "    def close(self):",
    6: "        pass",
}
FILE = OutlinedFile(
    "src/a.py",
    "python",
    [
        OutlinedDefinition("LIMIT", "constant", 1, 1),
        OutlinedDefinition("Session", "class", 3, 6),
        OutlinedDefinition("Session.close", "method", 5, 6),
    ],
    LINES,
)


def test_each_definition_is_shown_by_its_line() -> None:
    """It is the line with its name, not that of a decorator."""
    shown = "src/a.py\n1:LIMIT = 3  # maximum of open sessions\n4:class Session:\n5:    def close(self):"
    assert outlines_text([FILE]) == f"{HEADER}\n{shown}"


def test_inner_definitions_and_constants_are_left_out_first() -> None:
    """The first line says how many definitions do not fit."""
    lines = outlines_text([FILE], 36).split("\n")
    assert lines == ["note: 2 of 3 definitions do not fit", HEADER, "src/a.py", "4:class Session:"]


@settings(deadline=None)
@given(st.integers(1, 60), st.text(max_size=20), st.lists(st.text(max_size=40), max_size=3))
def test_the_budget_holds(budget: int, path: str, notes: list[str]) -> None:
    """Whatever the paths and notes are."""
    files = [FILE, OutlinedFile(path, "python", FILE.definitions, {1: "x" * 1_000})]
    assert tokens(outlines_text(files, budget, notes) + "\n") <= budget
