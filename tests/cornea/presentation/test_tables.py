"""Tables and sizes for people."""

from __future__ import annotations

import pytest

from cornea.presentation.tables import pairs, size, table


def test_numbers_stand_to_the_right() -> None:
    """Columns are as wide as their widest cell, in terminal columns."""
    assert list(table(("name", "files"), [("漢字", 1), ("go", 12345)], color=False, foot=("all", 12346))) == [
        "name   files",
        "漢字       1",
        "go    12,345",
        "all   12,346",
    ]


def test_cells_cannot_break_the_table() -> None:
    """Newlines and escapes in values are shown."""
    assert list(table(("a", "b"), [("x\ny", "\x1b[2J")], color=False))[1] == r"x\ny  \x1b[2J"
    assert list(pairs([("root", "/tmp/\x1b"), ("id", "1")], color=False)) == [r"root  /tmp/\x1b", "id    1"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_340_000, "2.3 MB"), (5e12, "5,000 GB")],
)
def test_sizes(number: float, said: str) -> None:
    """Three figures are enough."""
    assert size(int(number)) == said
