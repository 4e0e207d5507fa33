"""Finds the lines of a block for which a syntax tree is right, although the tree has errors elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from itertools import pairwise

from tree_sitter import Node

_HEAD_END = re.compile(rb"[({]|[:=]\s*$", re.MULTILINE)
_CLOSERS = (b"}", b")", b"]", b"end")


@dataclass(slots=True)
class Stretch:
    """A half-open range of lines of a block, counted from 0, that overlaps no other stretch.

    `sound` says that the tree is right about these lines. `wrong` lists the nodes with errors; None stands
    for a node that reaches into lines outside the block. `column` is the column at which the first node
    starts. `attached` says that all nodes are comments that belong to the definition below.
    """

    first: int
    end: int
    column: int
    sound: bool = True
    attached: bool = False
    wrong: list[Node | None] = field(default_factory=list)

    @property
    def closes(self) -> bool:
        """Whether the stretch begins with an unmatched closing bracket, which ends the stretch above."""
        node = self.wrong[0] if self.wrong else None
        return node is not None and node.is_error and (node.text or b"").startswith(_CLOSERS)

    @property
    def node(self) -> Node | None:
        """The only node with errors in these lines.

        Returns None if there is no such node, if there are several, or if the node itself is an error.
        """
        node = self.wrong[0] if len(self.wrong) == 1 else None
        return None if node is None or node.is_error else node


def stretches(block: Node, first: int, end: int, attached: Container[str]) -> list[Stretch]:
    """The stretches of a block. Together, they cover the lines [first, end). Sound neighbours are joined.

    Returns an empty list if no node of the block is in these lines.

    Lines are sound if the nodes in them have no error, start at the indentation of the block and do not reach
    into lines outside the block. Deeper lines and unmatched closing brackets belong to the stretch before
    them, even if the tree places them elsewhere. Comments directly above code that is not sound belong to the
    stretch of that code.
    """
    found = _by_lines(block, first, end, attached)
    if not found:
        return []
    # The indentation of a block is the most frequent one of its statements; of a whole file, it is the least.
    columns = [one.column for one in found]
    base = min(columns) if block.parent is None else Counter(columns).most_common(1)[0][0]
    joined: list[Stretch] = []
    for one in found:
        if joined and (one.column > base or one.closes):
            joined[-1].sound = joined[-1].attached = False
            joined[-1].wrong += one.wrong or [None]
            joined[-1].end = one.end
        elif joined and one.sound and joined[-1].sound and not one.attached and not joined[-1].attached:
            joined[-1].end = one.end
        else:
            joined.append(one)
    joined = _with_comments(joined)
    for one, following in pairwise(joined):
        one.end = following.first
    joined[0].first, joined[-1].end = first, end
    return joined


def _by_lines(block: Node, first: int, end: int, attached: Container[str]) -> list[Stretch]:
    found: list[Stretch] = []
    for child in block.children:
        start, stop = child.start_point, child.end_point
        top, bottom = start.row, stop.row + (stop.column > 0)
        if bottom <= first or top >= end:
            continue
        inside = top >= first and bottom <= end
        wrong = child.has_error or child.is_missing or not inside
        if found and top < found[-1].end:
            last = found[-1]
            last.end = max(last.end, bottom)
            last.attached = False
        else:
            last = Stretch(top, bottom, start.column, attached=child.type in attached)
            found.append(last)
        if wrong:
            last.sound = last.attached = False
            last.wrong.append(child if inside else None)
    return found


def _with_comments(found: list[Stretch]) -> list[Stretch]:
    """The stretches. Comments are joined to the code directly below, and sound stretches to each other."""
    joined: list[Stretch] = []
    for one in reversed(found):
        below = joined[-1] if joined else None
        comment = below is not None and one.attached and one.end == below.first
        if below is not None and (one.sound if below.sound else comment):
            below.first = one.first
        else:
            joined.append(one)
    return joined[::-1]


def has_sound_head(node: Node, text: bytes) -> bool:
    """Whether a definition has no error before its parameters, or before its body if it has no parameters."""
    if not node.has_error:
        return True
    head = _HEAD_END.search(text, node.start_byte, node.end_byte)
    return first_error(node) >= (head.start() if head else node.end_byte)


def first_error(node: Node) -> int:
    """The byte at which the first error in a node starts. Returns the end of the node if it has no error."""
    end = node.end_byte
    while node.has_error and not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return end
        node = inner
    return node.start_byte
