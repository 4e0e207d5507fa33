"""Where to cut what is too long for one piece: between statements, as high up and as evenly as possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tree_sitter import Node

from .lines import Lines

MAX_LINES = 25
# Lines that a piece may have where nothing in it may be cut.
MAX_ATOM = 60

# What a cut costs, in lines of imbalance: each level down, a place that is no statement, and the cut that
# would leave the head of a statement without any of its body.
_LEVEL = 4
_ELEMENT = 10
_HEAD = 8

# A body in a node that is too long is looked into from this many lines on.
_BODY_LINES = MAX_LINES // 2

_CLOSERS = frozenset({")", "}", "]", "end", "fi", "done", "esac", ";", ",", ">", "{", "(", "[", "then", "do"})


def partition(first: int, end: int, costs: dict[int, int]) -> list[int]:
    """The lines at which to begin new pieces of the line range [first, end); `costs` has those that may."""
    lines = sorted(line for line in costs if first < line < end)
    chosen: list[int] = []
    position = 0
    while end - first > MAX_LINES:
        pieces = -(-(end - first) // MAX_LINES)
        target = first + (end - first) / pieces
        while position < len(lines) and lines[position] <= first:
            position += 1
        best = _best(lines, position, first + MAX_LINES, target, costs)
        if best is None:
            beyond = lines[position] if position < len(lines) else end
            if beyond - first <= MAX_ATOM:
                if beyond == end:
                    break
                best = beyond
            else:
                best = first + MAX_LINES
        chosen.append(best)
        first = best
    return chosen


def _best(lines: list[int], position: int, limit: int, target: float, costs: dict[int, int]) -> int | None:
    """The cheapest line up to `limit`; among equals the first."""
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
    """What a language calls bodies, and what it attaches to the statement below (comments, attributes)."""

    bodies: frozenset[str]
    attached: frozenset[str]


def places(nodes: Iterable[Node], span: tuple[int, int], lines: Lines, syntax: Syntax) -> dict[int, int]:
    """The lines of a byte range at which a statement, or else an element, starts; the cost of cutting there.

    Only nodes of more than MAX_LINES are looked into (and their bodies, a line or more shorter than they
    are), so that whatever fits into a piece stays whole.
    """
    start, end = span
    costs: dict[int, int] = {}
    stack = [(node, 0) for node in nodes]
    while stack:
        node, level = stack.pop()
        is_body = node.type in syntax.bodies
        level += is_body
        cost = level * _LEVEL + (0 if is_body else _ELEMENT)
        head, top = _HEAD, lines.at(node.start_byte)
        under_comment = -1
        for child in node.children:
            child_start, child_end = child.start_byte, child.end_byte
            if child_end <= start or child_start >= end or child.type in _CLOSERS:
                continue
            row, last = lines.at(child_start), lines.at(child_end - 1)
            opens = lines.opens(child_start)
            if opens and row != under_comment and row > top:
                costs.setdefault(row, cost + head)
                head = 0
            if opens and child.type in syntax.attached:
                under_comment = last + 1
            if last - row >= (_BODY_LINES if child.type in syntax.bodies else MAX_LINES):
                stack.append((child, level))
    return costs
