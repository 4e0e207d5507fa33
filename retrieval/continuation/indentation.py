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
    @functools.lru_cache(maxsize=1 << 13)
    def of(text: str) -> Indentation:
        """That of a text: tabs if more lines begin so; the commonest step between a line and the next."""
        lines = [line for line in text.split("\n", _LINES)[:_LINES] if line.strip()]
        tabs = sum(line[0] == "\t" for line in lines)
        if tabs > sum(line.startswith("  ") for line in lines):
            return Indentation(True, _WIDTH)
        columns = [column(line) for line in lines]
        steps = Counter(b - a for a, b in pairwise(columns) if 2 <= b - a <= 8)
        if steps:
            return Indentation(False, max(steps, key=lambda step: (steps[step], -step)))
        smallest = min((c for c in columns if c), default=_WIDTH)
        return Indentation(False, smallest if smallest in (2, 3, 4, 8) else _WIDTH)

    def white(self, columns: int) -> str:
        """White space of so many columns."""
        if self.tabs:
            return "\t" * (columns // self.width) + " " * (columns % self.width)
        return " " * columns


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
