"""How a text is indented, and other text brought to it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .code import column

_LINES = 400
_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Indentation:
    """Tabs or spaces, and how many columns a level is."""

    tabs: bool = False
    width: int = _WIDTH

    @staticmethod
    def of_editor(*, tabs: bool, width: int = 0) -> Indentation:
        """That of an editor's settings; 0 for a width that they do not say. A tab is four columns here."""
        return Indentation(tabs, _WIDTH if tabs or width < 1 else width)

    @staticmethod
    def of(text: str) -> Indentation:
        """That of a text; four spaces where no line is indented."""
        return Indentation.found(text) or Indentation()

    @staticmethod
    @functools.lru_cache(maxsize=1 << 13)
    def found(text: str) -> Indentation | None:
        """That of a text; None where no line is indented, by one column (as in comments) at the most.

        Lines of white space alone count only where no other line tells.
        """
        lines = text.split("\n", _LINES)[:_LINES]
        return _told([line for line in lines if line.strip()]) or _told([line for line in lines if line])

    def white(self, columns: int) -> str:
        """White space of so many columns."""
        if self.tabs:
            return "\t" * (columns // self.width) + " " * (columns % self.width)
        return " " * columns


def _told(lines: Sequence[str]) -> Indentation | None:
    """Tabs if more lines begin so; else the commonest step between a line and the next."""
    tabs = sum(line[0] == "\t" for line in lines)
    if tabs > sum(line.startswith("  ") for line in lines):
        return Indentation(True, _WIDTH)
    columns = [column(line) for line in lines]
    steps = Counter(b - a for a, b in pairwise(columns) if 2 <= b - a <= 8)
    if steps:
        return Indentation(False, max(steps, key=lambda step: (steps[step], -step)))
    smallest = min((c for c in columns if c > 1), default=0)
    if not smallest:
        return None
    return Indentation(False, smallest if smallest in (2, 3, 4, 8) else _WIDTH)


def reindent(lines: Sequence[str], source: Indentation, target: Indentation, base: int, at: int) -> list[str]:
    """Lines moved from column `base` to column `at`, a level of `source` becoming one of `target`.

    Blank lines become empty; a line less indented than `base` keeps its distance as far as there is room.
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
