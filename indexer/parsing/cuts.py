"""Finds the lines at which to cut code that is too long for one piece.

The best cuts are between statements, not deeply nested, and give pieces of equal length.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable

from tree_sitter import Node

from . import profiles
from .lines import Lines
from .profiles import LanguageProfile

MAX_LINES = 25
"""A piece has at most this number of lines, unless the piece contains no good place to cut."""
# If the next place to cut would give a piece of more than this number of lines, the text is cut at any line.
MAX_ATOM = 60

# A cut costs 1 for each line of distance from the ideal cut, which would give pieces of equal length. Each of
# the following constants is an additional cost.
# This cost is added for each level of nesting around the cut.
_LEVEL_COST = 4
# This cost is added if the cut is between parts of something that is not a body, such as list items.
_ELEMENT_COST = 10
# This cost is added if the cut is directly after the head of a statement, with the whole body below the cut.
_HEAD_COST = 1_000
# This cost is added if the cut is inside a statement that would fit into a piece.
_FITTING_COST = 15
# A cut directly after a head is made only if the piece above the cut has at least this number of lines.
_MIN_HEAD_LINES = 4

# Nodes of fewer than this number of lines are not searched for places to cut.
_MIN_NODE_LINES = 6

_CLOSERS = profiles.words("closers") | set(") } ] ; , > { ( [".split())


def partition(
    first: int,
    end: int,
    costs: dict[int, int],
    *,
    spare: Callable[[int, int], int | None] = lambda low, high: None,
    longest: int = MAX_ATOM,
) -> list[int]:
    """The lines of `costs` at which to begin new pieces of the line range [first, end).

    If no line of `costs` in the next MAX_LINES lines is a good place to cut, `spare(low, high)` may return
    another line of [low, high), or None. A piece that would still be longer than `longest` is cut at the line
    that gives pieces of equal length.
    """
    lines = sorted(line for line in costs if first < line < end)
    chosen: list[int] = []
    while end - first > MAX_LINES:
        pieces = -(-(end - first) // MAX_LINES)
        target = first + (end - first) / pieces
        near = lines[bisect_right(lines, first) : bisect_right(lines, first + MAX_LINES)]
        best = min(near, key=lambda line: abs(line - target) + costs[line], default=None)
        if best is None or costs[best] >= _HEAD_COST:
            best = spare(first + 1, first + MAX_LINES + 1) or best
        if best is None or (costs.get(best, 0) >= _HEAD_COST and best - first < _MIN_HEAD_LINES):
            following = bisect_left(lines, first + _MIN_HEAD_LINES)
            best = lines[following] if following < len(lines) else end
            if best - first > longest:
                best = math.ceil(target)
        if best == end:
            break
        chosen.append(best)
        first = best
    return chosen


def cut_costs(
    nodes: Iterable[Node],
    span: tuple[int, int],
    lines: Lines,
    language: LanguageProfile,
    whole: Container[int],
) -> dict[int, int]:
    """The lines of the byte range `span` at which the text can be cut, with the cost of a cut at each line.

    The text can be cut where a statement, or a part of another node such as a list item, begins a line. It
    is not cut in the nodes whose ids are in `whole`.
    """
    bodies, attached = language.bodies, language.attached
    start, end = span
    starts, text, last = lines.starts, lines.text, len(lines)
    costs: dict[int, int] = {}
    stack = [(node, 0, 0) for node in nodes]
    while stack:
        node, level, extra = stack.pop()
        is_body = node.type in bodies
        level += is_body
        cost = level * _LEVEL_COST + (0 if is_body else _ELEMENT_COST) + extra
        head = _HEAD_COST
        row = top = lines.at(node.start_byte)
        under_comment = -1
        for child in node.children:
            child_start, child_end = child.start_byte, child.end_byte
            if child_end <= start or child_start >= end:
                continue
            if child_start >= starts[row + 1]:
                row = lines.at(child_start)
            kind = child.type
            if kind in _CLOSERS and not child.is_named:
                continue
            line = starts[row]
            opens = line == child_start or text[line:child_start].isspace()
            if opens and row > top and row != under_comment:
                costs.setdefault(row, cost + head)
                head = 0
            if is_body and child.is_named:
                head = 0
            if opens and kind in attached:
                under_comment = lines.at(child_end - 1) + 1
            if child_end <= starts[min(row + _MIN_NODE_LINES, last)]:
                continue
            if child_end > starts[min(row + MAX_LINES, last)]:
                stack.append((child, level, extra))
            elif child.id not in whole:
                fits = is_body or (level > 0 and kind not in bodies)
                stack.append((child, level, _FITTING_COST if fits else extra))
    return costs
