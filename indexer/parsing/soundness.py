"""Tells which lines of a block are right in a syntax tree with errors."""

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

    `sound` says that the tree is right about them. `wrong` are the nodes with errors, None for a node that
    reaches into other lines. `column` is where the first node starts. `attached` is set if all nodes are
    comments of the definition below.
    """

    first: int
    end: int
    column: int
    sound: bool = True
    attached: bool = False
    wrong: list[Node | None] = field(default_factory=list)

    @property
    def closes(self) -> bool:
        """Whether the stretch is an unmatched closing bracket, which ends the stretch before it."""
        node = self.wrong[0] if self.wrong else None
        return node is not None and node.is_error and (node.text or b"").startswith(_CLOSERS)

    @property
    def node(self) -> Node | None:
        """The node with errors that makes up these lines, None if there are several."""
        node = self.wrong[0] if len(self.wrong) == 1 else None
        return None if node is None or node.is_error else node


def stretches(block: Node, first: int, end: int, attached: Container[str]) -> list[Stretch]:
    """The stretches of a block from line `first` to `end`, with neighbouring sound ones joined.

    Lines are sound if their nodes have no error, start at the block's own indentation and do not reach into
    other lines. Deeper lines and unmatched closing brackets belong to the stretch before them, wherever they
    are in the tree. Comments directly above unsound code belong to it.
    """
    found = _by_lines(block, first, end, attached)
    base = _indentation(found, outermost=block.parent is None)
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
    return _without_gaps(_with_comments(joined), first, end)


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


def _indentation(found: list[Stretch], *, outermost: bool) -> int:
    """The column at which most statements of a block start; in a whole file, the leftmost one."""
    columns = Counter(one.column for one in found)
    if not columns:
        return 0
    return min(columns) if outermost else columns.most_common(1)[0][0]


def _with_comments(found: list[Stretch]) -> list[Stretch]:
    """The stretches, with comments joined to the stretch directly below."""
    joined: list[Stretch] = []
    for one in reversed(found):
        below = joined[-1] if joined else None
        comment = below is not None and one.attached and one.end == below.first
        if below is not None and (one.sound if below.sound else comment):
            below.first = one.first
        else:
            joined.append(one)
    return joined[::-1]


def _without_gaps(found: list[Stretch], first: int, end: int) -> list[Stretch]:
    """The stretches, each extended to the start of the next, so that they cover all lines."""
    for one, following in pairwise(found):
        one.end = following.first
    if found:
        found[0].first, found[-1].end = first, end
    return found


def has_sound_head(node: Node, text: bytes) -> bool:
    """Whether a definition has no error before its parameters or its body."""
    if not node.has_error:
        return True
    head = _HEAD_END.search(text, node.start_byte, node.end_byte)
    return first_error(node) >= (head.start() if head else node.end_byte)


def first_error(node: Node) -> int:
    """The byte at which the first error in a node starts; the node's end if there is none."""
    end = node.end_byte
    while node.has_error and not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return end
        node = inner
    return node.start_byte
