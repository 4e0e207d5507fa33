"""Finds where to cut code that is too long for one piece: between statements, not deeply nested, evenly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tree_sitter import Node

from .lines import Lines

MAX_LINES = 25
"""Longest piece, in lines, if there is a place to cut."""
# Longest piece, in lines, if there is no place to cut.
MAX_ATOM = 60

# Costs of a cut. Each line between the cut and the place that makes even pieces costs 1.
_LEVEL_COST = 4  # for each level of nesting
_ELEMENT_COST = 10  # at an element that is not a statement
_HEAD_COST = 1_000  # between the head of a statement and its whole body
_FITTING_COST = 15  # inside a statement that would fit into a piece
# A head of fewer lines is never a piece by itself.
_MIN_HEAD_LINES = 4

# Nodes of fewer lines are not searched.
_MIN_NODE_LINES = 6

_CLOSERS = frozenset({")", "}", "]", "end", "fi", "done", "esac", ";", ",", ">", "{", "(", "[", "then", "do"})

SpareLine = Callable[[int, int], int | None]


def partition(
    first: int, end: int, costs: dict[int, int], *, spare: SpareLine | None = None, longest: int = MAX_ATOM
) -> list[int]:
    """The lines at which to begin new pieces of the line range [first, end), chosen from those in `costs`.

    If none within MAX_LINES is a good one, `spare(first, end)` may return a line of that half-open range. A
    piece that would still be longer than `longest` is cut at any line.
    """
    lines = sorted(line for line in costs if first < line < end)
    chosen: list[int] = []
    position = 0
    while end - first > MAX_LINES:
        pieces = -(-(end - first) // MAX_LINES)
        target = first + (end - first) / pieces
        while position < len(lines) and lines[position] <= first:
            position += 1
        best = _best(lines, position, first + MAX_LINES, target, costs)
        if best is None or costs[best] >= _HEAD_COST:
            spared = spare(first + 1, first + MAX_LINES + 1) if spare is not None else None
            best = spared or best
        if best is None or (costs.get(best, 0) >= _HEAD_COST and best - first < _MIN_HEAD_LINES):
            best = next(
                (lines[at] for at in range(position, len(lines)) if lines[at] - first >= _MIN_HEAD_LINES), end
            )
            if best - first > longest:
                best = math.ceil(target)
        if best == end:
            break
        chosen.append(best)
        first = best
    return chosen


def _best(lines: list[int], position: int, limit: int, target: float, costs: dict[int, int]) -> int | None:
    """The cheapest line up to `limit`, the first of equals."""
    best, lowest = None, float("inf")
    while position < len(lines) and lines[position] <= limit:
        line = lines[position]
        cost = abs(line - target) + costs[line]
        if cost < lowest:
            best, lowest = line, cost
        position += 1
    return best


@dataclass(frozen=True, slots=True)
class Syntax:
    """Node types of bodies, node types attached to the statement below, and ids of nodes that are not cut."""

    bodies: frozenset[str]
    attached: frozenset[str]
    whole: frozenset[int]


def cut_costs(nodes: Iterable[Node], span: tuple[int, int], lines: Lines, syntax: Syntax) -> dict[int, int]:
    """The lines of a byte range at which a statement or an element starts, with the cost of a cut there.

    Cutting a statement that would fit into a piece costs extra.
    """
    start, end = span
    starts, text, last = lines.starts, lines.text, len(lines)
    costs: dict[int, int] = {}
    stack = [(node, 0, 0) for node in nodes]
    while stack:
        node, level, extra = stack.pop()
        is_body = node.type in syntax.bodies
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
            if opens and kind in syntax.attached:
                under_comment = lines.at(child_end - 1) + 1
            if child_end <= starts[min(row + _MIN_NODE_LINES, last)]:
                continue
            if child_end > starts[min(row + MAX_LINES, last)]:
                stack.append((child, level, extra))
            elif child.id not in syntax.whole:
                fits = is_body or (level > 0 and kind not in syntax.bodies)
                stack.append((child, level, _FITTING_COST if fits else extra))
    return costs
