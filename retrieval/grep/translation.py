"""Writes a parsed pattern for RE2, in two ways.

RE2 knows words of ASCII only. `plain` writes a pattern for text in UTF-8, in which assertions on Unicode's
words are exact only where RE2's own are: `\\b` and `\\B` on lines in ASCII. All others are left out there, so
that RE2 finds more lines than the pattern, never fewer. `Codes` is exact: it writes pattern and line in an
alphabet in which RE2's own assertions mean what Unicode's do.

The alphabet: characters that no class of the pattern tells apart have the same code, one or two bytes from 80
to FF. A character of a word is written `_CODE_`, and any other one as a line end, its code, and a line end.
Then `\\b` of RE2 is Unicode's; its `^` says that no word is before, and its `$` that no word is after. A
match that is not empty begins and ends between two characters, because no code contains the signs around it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from indexer.errors import UsageError

from . import codepoints as cp
from .codepoints import CodePoints
from .syntax import MAX_REPEAT, Assertion, Chars, Choice, Look, Node, Repeat, Sequence

MAX_WRITTEN: Final = 500_000
"""A pattern that is longer than this number of characters for RE2 is refused."""
_MAX_CELLS: Final = 1_000_000
_FIRST_CODE: Final = 0x80
_ONE_BYTE: Final = 0x80
_TOO_LARGE = "the pattern is too large; use fewer or smaller repetitions and classes, or several -e"
_PLAIN = {
    Look.START: "(?m:^)",
    Look.END: "(?m:$)",
    Look.ASCII_WORD_BOUNDARY: r"\b",
    Look.NO_ASCII_WORD_BOUNDARY: r"\B",
}
_PLAIN_ASCII = {**_PLAIN, Look.WORD_BOUNDARY: r"\b", Look.NO_WORD_BOUNDARY: r"\B"}
_CODED = {
    Look.START: r"\A",
    Look.END: r"\z",
    Look.WORD_BOUNDARY: r"\b",
    Look.NO_WORD_BOUNDARY: r"\B",
    Look.WORD_START: r"(?:\b(?m:^))",
    Look.WORD_END: r"(?:\b(?m:$))",
    Look.NO_WORD_BEFORE: "(?m:^)",
    Look.NO_WORD_AFTER: "(?m:$)",
}
_SAFE = frozenset(map(ord, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ "))


def plain(node: Node, *, ascii_only: bool) -> str:
    """The pattern for RE2 and UTF-8. With `ascii_only`, it is for text in ASCII.

    Raises UsageError if it is too large.
    """
    known: dict[CodePoints, str] = {}

    def written(points: CodePoints) -> str:
        found = known.get(points)
        if found is None:
            found = known[points] = _class(cp.intersection(points, cp.ASCII) if ascii_only else points)
        return found

    return _Writer(written, _PLAIN_ASCII if ascii_only else _PLAIN).write(node)


def _class(points: CodePoints) -> str:
    if not points:
        return r"[^\x00-\x{10FFFF}]"
    if len(points) == 1 and points[0][0] == points[0][1]:
        return _character(points[0][0])
    ranges = (_character(first) + (f"-{_character(last)}" if last > first else "") for first, last in points)
    return f"[{''.join(ranges)}]"


def _character(point: int) -> str:
    return chr(point) if point in _SAFE else f"\\x{{{point:X}}}"


class _Writer:
    """Writes a pattern, with `chars` for its characters and `looks` for its assertions."""

    def __init__(self, chars: Callable[[CodePoints], str], looks: dict[Look, str]) -> None:
        self._chars, self._looks = chars, looks
        self._written = 0

    def write(self, node: Node, times: int = 1) -> str:
        """The text of a part that is repeated `times` times by the parts around it."""
        if isinstance(node, Chars):
            text = self._chars(node.points)
            self._written += len(text)
            if self._written > MAX_WRITTEN:
                raise UsageError(_TOO_LARGE)
            return text
        if isinstance(node, Assertion):
            return self._looks.get(node.look, "")
        if isinstance(node, Sequence):
            return "".join(
                f"(?:{self.write(part, times)})" if isinstance(part, Choice) else self.write(part, times)
                for part in node.parts
            )
        if isinstance(node, Choice):
            return "|".join(self.write(part, times) for part in node.parts)
        return self._repeat(node, times)

    def _repeat(self, node: Repeat, times: int) -> str:
        count = max(node.least, node.most or 0, 1)
        if count * times > MAX_REPEAT:
            raise UsageError(
                f"the pattern repeats a part {count * times:,} times, and RE2 counts to {MAX_REPEAT:,} at "
                "most, nested repetitions multiplied; use smaller counts, or + or *"
            )
        text = f"(?:{self.write(node.part, count * times)})"
        bounds = (node.least, node.most)
        sign = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get(bounds)
        if sign is None:
            most = "" if node.most is None else str(node.most)
            sign = f"{{{node.least}}}" if node.least == node.most else f"{{{node.least},{most}}}"
        # In a group of its own, since "a*" followed by "+" means something else.
        return f"(?:{text}{sign}{'' if node.greedy else '?'})"


class Codes:
    """A pattern and lines in the alphabet of this pattern."""

    def __init__(self, node: Node) -> None:
        """Raises UsageError if the pattern is too large, or has assertions that cannot be combined."""
        sets = sorted(_sets_of(node))
        words = cp.words()
        starts = sorted({0, cp.LAST + 1, *(p for s in (words, *sets) for a, b in s for p in (a, b + 1))})
        if len(starts) * (len(sets) + 1) > _MAX_CELLS:
            raise UsageError(_TOO_LARGE)
        codes: dict[tuple[bool, ...], int] = {}
        members: dict[int, tuple[bool, ...]] = {}
        self._starts, self._coded = starts, list[int]()
        for start in starts[:-1]:
            marks = tuple(cp.contains(one, start) for one in (words, *sets))
            code = codes.setdefault(marks, len(codes))
            members[code] = marks
            self._coded.append(code)
        if len(codes) > _ONE_BYTE**2:
            raise UsageError(_TOO_LARGE)
        self._bytes = 1 if len(codes) <= _ONE_BYTE else 2
        self.width = self._bytes + 2
        """The number of bytes of each character in a line."""
        self._members, self._of_set = members, {one: n + 1 for n, one in enumerate(sets)}
        self._known: dict[CodePoints, str] = {}
        self.pattern = _Writer(self._written, _CODED).write(node).encode("latin-1")
        self._table = _Table(self._sign_of)

    def line(self, text: str) -> bytes:
        """A line in the alphabet."""
        return text.translate(self._table).encode("latin-1")

    def _written(self, points: CodePoints) -> str:
        found = self._known.get(points)
        if found is None:
            column = self._of_set[points]
            chosen = [code for code, marks in self._members.items() if marks[column]]
            inside = "|".join(self._signs([code for code in chosen if self._members[code][0]]))
            outside = "|".join(self._signs([code for code in chosen if not self._members[code][0]]))
            parts = [f"_(?:{inside})_"] * bool(inside) + [f"\\n(?:{outside})\\n"] * bool(outside)
            found = self._known[points] = f"(?:{'|'.join(parts)})" if parts else r"[^\x00-\xff]"
        return found

    def _signs(self, codes: list[int]) -> list[str]:
        if self._bytes == 1:
            inside = "".join(map(_escaped, map(self._code, codes)))
            return [f"[{inside}]"] if codes else []
        return [_escaped(self._code(code)) for code in codes]

    def _code(self, code: int) -> str:
        first, last = divmod(code, _ONE_BYTE)
        return (chr(_FIRST_CODE + first) if self._bytes > 1 else "") + chr(_FIRST_CODE + last)

    def _sign_of(self, point: int) -> str:
        code = self._coded[bisect_right(self._starts, point) - 1]
        sign = "_" if self._members[code][0] else "\n"
        return f"{sign}{self._code(code)}{sign}"


def _escaped(code: str) -> str:
    return "".join(f"\\x{ord(char):02x}" for char in code)


class _Table(dict[int, str]):
    """The signs of characters, which are computed when they are first needed."""

    def __init__(self, sign_of: Callable[[int], str]) -> None:
        super().__init__()
        self._sign_of = sign_of

    def __missing__(self, point: int) -> str:
        sign = self[point] = self._sign_of(point)
        return sign


def _sets_of(node: Node) -> set[CodePoints]:
    found, waiting = set[CodePoints](), [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Chars):
            found.add(one.points)
        elif isinstance(one, Repeat):
            waiting.append(one.part)
        elif isinstance(one, Sequence | Choice):
            waiting += one.parts
        elif one.look in (Look.ASCII_WORD_BOUNDARY, Look.NO_ASCII_WORD_BOUNDARY):
            raise UsageError("\\b under (?-u) cannot be used together with Unicode's words; leave (?-u) out")
    return found
