"""What an answer may show: places with the text of the definition there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Lines = tuple[int, int]
"""The first and the last line, counted from 1."""


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """A definition or another range of lines that may answer. If `start` is 0, it is a whole file.

    `text` begins at line `start`; it is "" if only the place is known. `focus` are the lines of it that were
    found. `chance` in [0, 1] is an estimate that this item is what was asked for.
    """

    path: str
    start: int
    end: int
    symbol: str = ""
    language: str = ""
    text: str = ""
    focus: tuple[Lines, ...] = ()
    chance: float = 0.0


def merged(items: Iterable[AnswerItem]) -> list[AnswerItem]:
    """The items, of which those for the same lines are joined, at the place of the first of them."""
    found: dict[tuple[str, int, int], AnswerItem] = {}
    for item in items:
        key = item.path, item.start, item.end
        known = found.get(key)
        if known is None:
            found[key] = item
        else:
            found[key] = replace(
                known,
                focus=tuple(dict.fromkeys((*known.focus, *item.focus))),
                chance=min(known.chance + item.chance, 1.0),
                text=known.text or item.text,
                symbol=known.symbol or item.symbol,
            )
    return list(found.values())
