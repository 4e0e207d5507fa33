"""The ways to show an item, from its place alone to all of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..signature import documentation, signature, summary_line
from .items import AnswerItem
from .relevance import Weights, line_scores

PLACE, SIGNATURE, BRIEF, PART, FOUND, WHOLE = "place", "signature", "brief", "part", "found", "whole"
GAIN = {PLACE: 0.08, SIGNATURE: 0.16, BRIEF: 0.5, PART: 0.65, FOUND: 0.85, WHOLE: 1.0}
"""How much of an answer each way gives if the item is the answer, chosen with `cornea bench tokens`."""
BRIEF_LINES, PART_LINES = 6, 12
"""How many lines are shown of a definition: its signature, a line of documentation, and the most relevant."""
_DOCUMENTATION = 0.4
"""The share of its score that a line of documentation keeps."""
_WIDEST_GAP = 2
"""Maximum lines between two relevant lines that are shown, too: numbers of lines cost as much."""


@dataclass(frozen=True, slots=True)
class View:
    """A way to show an item: the indexes of the lines shown, in order, and what it gives."""

    name: str
    lines: tuple[int, ...]
    gain: float


def views(item: AnswerItem, known: Weights) -> list[View]:
    """The ways to show an item, each with more lines than the one before. The first is the place alone."""
    found = [View(PLACE, (), GAIN[PLACE])]
    if not item.text:
        return found
    lines = lines_of(item)
    everything = tuple(range(len(lines)))
    head = signature(lines, item.symbol, item.language)
    summary = summary_line(lines, head, item.language)
    top = [*head, *([summary] if summary is not None else [])]
    focus = sorted({n for n in _focus(item) if n < len(lines)})
    scores = line_scores(lines, known)
    for n in documentation(lines, head, item.language):  # says what the code does, but does not do it
        scores[n] *= _DOCUMENTATION
    options = [
        (SIGNATURE, set(head)),
        (BRIEF, _with_best(top, BRIEF_LINES, lines, scores, focus)),
        (PART, _with_best(top, PART_LINES, lines, scores, focus)),
        (FOUND, {*top, *focus}),
        (WHOLE, set(everything)),
    ]
    for name, chosen in options:
        is_whole = len(chosen) >= len(everything) - _WIDEST_GAP and name != SIGNATURE
        shown = everything if is_whole else tuple(sorted(chosen))
        if len(shown) > len(found[-1].lines):
            way = WHOLE if is_whole else name
            found.append(View(way, shown, GAIN[way]))
    return found


@lru_cache(maxsize=256)
def lines_of(item: AnswerItem) -> Sequence[str]:
    """The lines of an item's text, without the blank lines at its end."""
    lines = tuple(line.removesuffix("\r") for line in item.text.rstrip().split("\n"))
    return lines[: item.end - item.start + 1]


def _focus(item: AnswerItem) -> list[int]:
    ranges = item.focus or ((item.start, item.end),)
    return [n - item.start for first, last in ranges for n in range(max(first, item.start), last + 1)]


def _with_best(
    top: Sequence[int], count: int, lines: Sequence[str], scores: Sequence[float], focus: Sequence[int]
) -> set[int]:
    """The lines of `top` and the most relevant ones, `count` lines in all, and the lines in short gaps.

    Lines that were found are preferred, then earlier lines. Lines without a word are not chosen.
    """
    chosen = {n for n in top if n < len(lines)}
    found = set(focus)
    order = sorted(
        (n for n, line in enumerate(lines) if any(map(str.isalnum, line)) and n not in chosen),
        key=lambda n: (n not in found, -scores[n], n),
    )
    chosen.update(order[: max(count - len(chosen), 0)])
    for a, b in zip(sorted(chosen), sorted(chosen)[1:], strict=False):
        if b - a - 1 <= _WIDEST_GAP and all(not lines[n].strip() for n in range(a + 1, b)):
            chosen.update(range(a + 1, b))
    return chosen
