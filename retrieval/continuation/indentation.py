"""Detects the indentation style of a text, and reindents lines in another style."""

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
    """Whether a text is indented with tabs or spaces, and the number of columns of one level."""

    tabs: bool = False
    width: int = _WIDTH

    @staticmethod
    def of_editor(*, tabs: bool, width: int = 0) -> IndentStyle:
        """The style that an editor is set to. A width of 0 means that the width is unknown.

        A tab always counts as four columns.
        """
        return IndentStyle(tabs, _WIDTH if tabs or width < 1 else width)

    @staticmethod
    def of(text: str) -> IndentStyle:
        """The style of a text. If the text does not show a style, the style is four spaces."""
        return IndentStyle.found(text) or IndentStyle()

    @staticmethod
    @functools.lru_cache(maxsize=1 << 13)
    def found(text: str) -> IndentStyle | None:
        """Returns the style of a text. Returns None if no line is indented by more than one column.

        Lines in block comments are often indented by one column. Lines of white space count only if no other
        line shows a style.
        """
        lines = text.split("\n", _LINES)[:_LINES]
        return _told([line for line in lines if line.strip()]) or _told([line for line in lines if line])

    def white(self, columns: int) -> str:
        """White space that is `columns` wide."""
        if self.tabs:
            return "\t" * (columns // self.width) + " " * (columns % self.width)
        return " " * columns


def _told(lines: Sequence[str]) -> IndentStyle | None:
    """Returns the style of lines that are not empty, or None if they do not show a style.

    The style is tabs if more lines begin with a tab than with two spaces. Otherwise, the width of a level is
    the most frequent step between the indentations of consecutive lines.
    """
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
    """The lines, moved from column `base` to column `at` and from the style `source` to the style `target`.

    Each level of indentation relative to `base` becomes one level of `target`. Blank lines become empty.
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
