"""Finds texts that every match of a pattern must contain, in lower case.

The result is a condition: a text of at least three bytes, or conditions of which all or any must hold. None
is no condition. A text that a match contains is written with the lower case of its ASCII letters, as it is in
UTF-8.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Final

from . import codepoints as cp
from .syntax import Assertion, Chars, Choice, Node, Repeat

SHORTEST: Final = 3
_MOST_TEXTS: Final = 64
_MOST_BYTES: Final = 4096
_MOST_CHARS: Final = 8
"""A class with more characters is any character."""


@dataclass(frozen=True, slots=True)
class All:
    """Each of these conditions holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these conditions holds."""

    parts: tuple[Condition, ...]


Condition = bytes | All | AnyOf
_Texts = frozenset[bytes]
_EMPTY: _Texts = frozenset((b"",))


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of a part.

    Every match ends with one of `ends`, or with anything if `ends` is None. If `exact` is set, every match is
    one of `ends`. `condition` holds as well.
    """

    ends: _Texts | None
    exact: bool = False
    condition: Condition | None = None

    def needed(self) -> Condition | None:
        """The condition of the part, which also says that one of its ends occurs."""
        return _both(self.condition, _of_texts(self.ends))


def required(node: Node) -> Condition | None:
    """The condition that holds for every line that matches. Returns None if there is none."""
    return _find(node).needed()


def _find(node: Node) -> _Found:
    if isinstance(node, Chars):
        texts = _of_class(node.points)
        return _Found(texts, texts is not None)
    if isinstance(node, Assertion):
        return _Found(_EMPTY, True)
    if isinstance(node, Repeat):
        return _of_repeat(node)
    if isinstance(node, Choice):
        return _of_choice([_find(part) for part in node.parts])
    return reduce(_joined, map(_find, node.parts), _Found(_EMPTY, True))


def _of_class(points: cp.CodePoints) -> _Texts | None:
    if cp.size(points) > 2 * _MOST_CHARS:
        return None
    texts = {chr(point).encode().lower() for first, last in points for point in range(first, last + 1)}
    return frozenset(texts) if 0 < len(texts) <= _MOST_CHARS else None


def _of_repeat(node: Repeat) -> _Found:
    if node.least == 0:
        return _Found(None)
    part = _find(node.part)
    return part if node.least == node.most == 1 else _Found(part.ends, False, part.needed())


def _of_choice(parts: list[_Found]) -> _Found:
    if all(part.exact and part.condition is None for part in parts):
        texts = {text for part in parts for text in part.ends or ()}
        if _is_small(texts):
            return _Found(frozenset(texts), True)
    needed = [part.needed() for part in parts]
    every = tuple(one for one in needed if one is not None)
    return _Found(None, False, AnyOf(every) if len(every) == len(needed) else None)


def _joined(one: _Found, other: _Found) -> _Found:
    """What is known of two parts, one after the other."""
    condition = _both(one.condition, other.condition)
    if other.exact and other.ends is not None:
        if one.ends is None:
            return _Found(other.ends, False, condition)
        if len(one.ends) * len(other.ends) <= _MOST_TEXTS:
            texts = {first + last for first in one.ends for last in other.ends}
            if _is_small(texts):
                return _Found(frozenset(texts), one.exact, condition)
    return _Found(other.ends, False, _both(condition, _of_texts(one.ends)))


def _is_small(texts: set[bytes]) -> bool:
    return len(texts) <= _MOST_TEXTS and sum(map(len, texts)) <= _MOST_BYTES


def _of_texts(texts: _Texts | None) -> Condition | None:
    """The condition that one of these texts occurs. Returns None if one of them is too short to help."""
    if not texts or any(len(text) < SHORTEST for text in texts):
        return None
    ordered = sorted(texts)
    return ordered[0] if len(ordered) == 1 else AnyOf(tuple(ordered))


def _both(one: Condition | None, other: Condition | None) -> Condition | None:
    if one is None or other is None:
        return other if one is None else one
    parts = [
        *(one.parts if isinstance(one, All) else (one,)),
        *(other.parts if isinstance(other, All) else (other,)),
    ]
    return All(tuple(parts))
