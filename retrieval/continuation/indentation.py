"""Detects the indentation of a text, and reindents other text to match."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .lexical_profile import column

_LINES = 400
_WIDTH = 4


@dataclass(frozen=True, slots=True)
class IndentStyle:
    """Tabs or spaces, and the columns of one level."""

    tabs: bool = False
    width: int = _WIDTH

    @staticmethod
    def of_editor(*, tabs: bool, width: int = 0) -> IndentStyle:
        """The style of an editor's settings. A width of 0 means unknown. A tab counts as four columns."""
        return IndentStyle(tabs, _WIDTH if tabs or width < 1 else width)

    @staticmethod
    def of(text: str) -> IndentStyle:
        """The style of a text, or four spaces if no line is indented."""
        return IndentStyle.found(text) or IndentStyle()

    @staticmethod
    @functools.lru_cache(maxsize=1 << 13)
    def found(text: str) -> IndentStyle | None:
        """The style of a text, or None if no line is indented by more than one column, as in block comments.

        Lines of white space count only if no other line is indented.
        """
        lines = text.split("\n", _LINES)[:_LINES]
        return _told([line for line in lines if line.strip()]) or _told([line for line in lines if line])

    def white(self, columns: int) -> str:
        """White space that is `columns` wide."""
        if self.tabs:
            return "\t" * (columns // self.width) + " " * (columns % self.width)
        return " " * columns


def _told(lines: Sequence[str]) -> IndentStyle | None:
    """Tabs if more lines begin with one than with spaces, else the most frequent step between lines."""
    tabs = sum(line[0] == "\t" for line in lines)
    if tabs > sum(line.startswith("  ") for line in lines):
        return IndentStyle(True, _WIDTH)
    columns = [column(line) for line in lines]
    steps = Counter(b - a for a, b in pairwise(columns) if 2 <= b - a <= 8)
    if steps:
        return IndentStyle(False, max(steps, key=lambda step: (steps[step], -step)))
    smallest = min((c for c in columns if c > 1), default=0)
    if not smallest:
        return None
    return IndentStyle(False, smallest if smallest in (2, 3, 4, 8) else _WIDTH)


def reindent(lines: Sequence[str], source: IndentStyle, target: IndentStyle, base: int, at: int) -> list[str]:
    """The lines moved from column `base` to column `at`, with each level of `source` as one of `target`.

    Blank lines become empty. A line that is less indented than `base` keeps its distance if there is room.
    """
    moved = []
    for line in lines:
        if not line.strip():
            moved.append("")
            continue
        levels, odd = divmod(column(line) - base, source.width)
        columns = max(at + levels * target.width + odd, 0)
        moved.append(target.white(columns) + line.lstrip(" \t"))
    return moved
