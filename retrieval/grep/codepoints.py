"""Sets of code points: what classes of characters in a pattern stand for.

A set is a sorted tuple of inclusive ranges that neither overlap nor touch. Unicode's tables are Python's own,
except those of scripts, which are RE2's.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cache, lru_cache
from operator import itemgetter
from typing import Final

CodePoints = tuple[tuple[int, int], ...]

LAST: Final = 0x10FFFF
NOTHING: Final[CodePoints] = ()
EVERY: Final[CodePoints] = ((0, 0xD7FF), (0xE000, LAST))
"""All characters. Surrogates are none."""
ASCII: Final[CodePoints] = ((0, 0x7F),)
LINE_FEED: Final[CodePoints] = ((10, 10),)
SPACES: Final[CodePoints] = (
    (9, 13), (32, 32), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
)  # fmt: skip
"""Unicode's White_Space, which has not changed for many versions."""
_JOINERS: Final[CodePoints] = ((0x200C, 0x200D),)
_LETTERS_IN_SHAPES: Final[CodePoints] = (
    (0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189),
)  # fmt: skip
"""The characters that are Alphabetic although their category is So."""
_UNASSIGNED_FROM, _TAGS = 0x323B0, range(0xE0000, 0xE01F0)
_WORD_CATEGORIES = ("L", "M", "Nl", "Nd", "Pc")
_CASED_BEFORE: Final = 0x1E960
_OTHER_FOLDS = ((0x390, 0x1FD3), (0x3B0, 0x1FE3), (0xFB05, 0xFB06))
"""Pairs that fold to each other since Unicode 15.1, which Python may not have."""
_ASCII_WITH_OTHERS = {0x6B: 0x212A, 0x4B: 0x212A, 0x73: 0x17F, 0x53: 0x17F}
"""ASCII letters that fold to a character outside of ASCII: K to the Kelvin sign, S to the long s."""
_kept = lru_cache(maxsize=256)
"""Keeps results, since a long pattern asks for the same few sets at thousands of places."""


def union(*sets: Iterable[tuple[int, int]]) -> CodePoints:
    """The code points of any of these sets, whose ranges may be in any order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(one for each in sets for one in each):
        if found and first <= found[-1][1] + 1:
            if last > found[-1][1]:
                found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return tuple(found)


def intersection(one: CodePoints, other: CodePoints) -> CodePoints:
    """The code points that are in both sets."""
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        first, last = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if first <= last:
            found.append((first, last))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


@_kept
def complement(one: CodePoints) -> CodePoints:
    """All characters that are not in the set."""
    found, start = [], 0
    for first, last in one:
        if first > start:
            found.append((start, first - 1))
        start = last + 1
    if start <= LAST:
        found.append((start, LAST))
    return intersection(tuple(found), EVERY)


@_kept
def difference(one: CodePoints, other: CodePoints) -> CodePoints:
    """The code points of `one` that are not in `other`."""
    return intersection(one, complement(other))


def contains(one: CodePoints, point: int) -> bool:
    """Whether a code point is in the set."""
    at = bisect_right(one, point, key=itemgetter(0)) - 1
    return at >= 0 and point <= one[at][1]


def size(one: CodePoints) -> int:
    """The number of code points in the set."""
    return sum(last - first + 1 for first, last in one)


@cache
def categories() -> dict[str, CodePoints]:
    """The general categories: `Lu`, and the groups of them, as `L`. Unassigned ones are `Cn`."""
    runs: dict[str, list[tuple[int, int]]] = {}
    for part in (range(0xD800), range(0xE000, _UNASSIGNED_FROM), _TAGS):
        start, before = part.start, unicodedata.category(chr(part.start))
        for point in part:
            now = unicodedata.category(chr(point))
            if now != before:
                runs.setdefault(before, []).append((start, point - 1))
                start, before = point, now
        runs.setdefault(before, []).append((start, part.stop - 1))
    runs.setdefault("Co", []).extend([(0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)])
    runs.pop("Cn", None)
    named = {name: union(ranges) for name, ranges in runs.items()}
    named["Cn"] = complement(union(*named.values()))
    for group in "LMNPSZC":
        named[group] = union(*(ranges for name, ranges in named.items() if name[0] == group))
    named["LC"] = union(*(named[name] for name in ("Lu", "Ll", "Lt")))
    return named


@cache
def words() -> CodePoints:
    """The characters of words: `\\w` with Unicode's definition."""
    known = categories()
    return union(*(known[name] for name in _WORD_CATEGORIES), _JOINERS, _LETTERS_IN_SHAPES)


def digits() -> CodePoints:
    """The decimal digits of all scripts: `\\d` with Unicode's definition."""
    return categories()["Nd"]


ASCII_WORDS: Final[CodePoints] = ((48, 57), (65, 90), (95, 95), (97, 122))


@_kept
def with_other_case(one: CodePoints, *, unicode: bool = True) -> CodePoints:
    """The set with all characters that differ from one of its characters only in case."""
    if intersection(one, ASCII) == one:
        return _ascii_with_other_case(one, unicode=unicode)
    if not unicode:
        return union(one, _ascii_with_other_case(intersection(one, ASCII), unicode=False))
    orbits, cased = _orbits(), _cased()
    within = (cased[bisect_left(cased, first) : bisect_right(cased, last)] for first, last in one)
    return union(one, ((other, other) for points in within for point in points for other in orbits[point]))


def _ascii_with_other_case(one: CodePoints, *, unicode: bool) -> CodePoints:
    letters = intersection(one, ((65, 90), (97, 122)))
    points = [point for first, last in letters for point in range(first, last + 1)]
    added = [(point ^ 32, point ^ 32) for point in points]
    if unicode:
        added += [(other, other) for point in points if (other := _ASCII_WITH_OTHERS.get(point))]
    return union(one, added)


@cache
def _orbits() -> dict[int, tuple[int, ...]]:
    """For each character with another case, all characters with the same simple case folding."""
    groups: dict[int, list[int]] = {}
    for point in range(_CASED_BEFORE):
        folded = _folded(point)
        if folded != point:
            groups.setdefault(folded, [folded]).append(point)
    for one, other in _OTHER_FOLDS:
        if other not in groups.get(one, ()) and one not in groups.get(other, ()):
            groups.setdefault(one, [one]).append(other)
    return {point: tuple(group) for group in groups.values() for point in group}


@cache
def _cased() -> list[int]:
    """The characters with another case, in order."""
    return sorted(_orbits())


def _folded(point: int) -> int:
    """The simple case folding of a character, of which Python only has the full one."""
    char = chr(point)
    folded = char.casefold()
    if len(folded) > 1:
        folded = char.lower()
    return ord(folded) if len(folded) == 1 else point
