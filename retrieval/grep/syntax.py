"""The parts of a regular expression, and limits on its size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from .codepoints import CodePoints

MAX_PATTERN_CHARS: Final = 50_000
"""A longer pattern, or longer patterns together, are refused."""
MAX_DEPTH: Final = 100
"""A pattern whose groups and repetitions are nested deeper is refused."""
MAX_REPEAT: Final = 1000
"""The largest count of a repetition that RE2 can do, nested ones multiplied."""


class Look(Enum):
    """What must hold at a position. A line is the whole text that a pattern sees."""

    START = auto()
    END = auto()
    WORD_BOUNDARY = auto()
    NO_WORD_BOUNDARY = auto()
    WORD_START = auto()
    WORD_END = auto()
    NO_WORD_BEFORE = auto()
    NO_WORD_AFTER = auto()
    ASCII_WORD_BOUNDARY = auto()
    NO_ASCII_WORD_BOUNDARY = auto()


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    points: CodePoints


@dataclass(frozen=True, slots=True)
class Assertion:
    """No character, at a position where something holds."""

    look: Look


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other. Without parts, it matches the empty text."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts. The first that leads to a match is taken."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part from `least` to `most` times, without a limit if `most` is None."""

    part: Node
    least: int
    most: int | None
    greedy: bool = True


Node = Chars | Assertion | Sequence | Choice | Repeat

WORD_LOOKS: Final = frozenset(Look) - {
    Look.START,
    Look.END,
    Look.ASCII_WORD_BOUNDARY,
    Look.NO_ASCII_WORD_BOUNDARY,
}
"""What depends on Unicode's definition of a word."""


def looks(node: Node) -> frozenset[Look]:
    """All assertions in a pattern."""
    if isinstance(node, Assertion):
        return frozenset((node.look,))
    if isinstance(node, Chars):
        return frozenset()
    parts = (node.part,) if isinstance(node, Repeat) else node.parts
    return frozenset().union(*(looks(part) for part in parts if not isinstance(part, Chars)))


def depth(node: Node) -> int:
    """How deep the parts of a pattern are nested. This function does not recurse."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        one, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(one, Repeat):
            waiting.append((one.part, level + 1))
        elif isinstance(one, Sequence | Choice):
            waiting += [(part, level + 1) for part in one.parts]
    return deepest


def sequence(parts: list[Node]) -> Node:
    """The parts one after the other, as one part."""
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def nullable(node: Node) -> bool:
    """Whether a pattern may match the empty text somewhere."""
    if isinstance(node, Chars):
        return False
    if isinstance(node, Assertion):
        return True
    if isinstance(node, Repeat):
        return node.least == 0 or nullable(node.part)
    if isinstance(node, Choice):
        return any(map(nullable, node.parts))
    return all(map(nullable, node.parts))


def edge(node: Node, *, last: bool) -> list[CodePoints]:
    """The sets of characters with which a match may begin, or end if `last` is set."""
    if isinstance(node, Chars):
        return [node.points]
    if isinstance(node, Assertion):
        return []
    if isinstance(node, Repeat):
        return edge(node.part, last=last)
    if isinstance(node, Choice):
        return [points for part in node.parts for points in edge(part, last=last)]
    found: list[CodePoints] = []
    for part in reversed(node.parts) if last else node.parts:
        found += edge(part, last=last)
        if not nullable(part):
            break
    return found
