"""Where to cut a fragment so that what follows continues the code before the cursor.

A cut is a statement boundary: a line that begins while no parenthesis or square bracket is open. The best one
is that whose preceding lines look most like the lines before the cursor, nearer lines counting more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from . import code, lexemes
from .code import column
from .indentation import Indentation
from .query import Prefix

_LINES = 6
"""Lines before the cursor that are compared."""
_DECAY = 0.6
_LEVEL = 0.08
"""What a level of difference in depth costs, in likeness."""
_START = 0.05
_SHORTEST_PART = 3
"""Characters of a line that must be there before it counts as the beginning of a fragment's line."""
_INCOMPLETE = tuple("([,.=+-*/%&|<>?\\@!~^")
_BLOCKS = ("{", ":", "do", "then", "begin", "=>", "->", "|")


@dataclass(frozen=True, slots=True)
class Cut:
    """An offset into a fragment's text. `likeness` in [0, 1] says how much the code before it looks like the
    code before the cursor, `last` the same of the last line alone; `levels` by how many levels of indentation
    the cut is deeper in its function than the cursor. `line` is the line it is in, counted from 0; `inside`
    says that it is in the middle of that line.
    """

    at: int
    likeness: float = 0.0
    last: float = 0.0
    levels: int = 0
    line: int = 0
    inside: bool = False


START = Cut(0)
"""A data set's document is the continuation from its first character on."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line that is not blank: its number, the offsets of the line and of its text, its columns of
    indentation, its text without white space around, its lexemes and their weight, and whether a statement
    may begin with it.
    """

    number: int
    offset: int
    begins: int
    indent: int
    text: str
    words: frozenset[str]
    weight: float
    opens: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """One of the cursor's lines to compare with."""

    text: str
    words: frozenset[str]
    weight: float


class Aligner:
    """Cuts fragments for one prefix."""

    def __init__(self, prefix: Prefix) -> None:
        self._prefix = prefix
        lines = prefix.text.split("\n")
        self._part = lines[-1].strip()
        # The fragments' lines are compared without comments, too.
        before = [
            line.strip()
            for line in lines[:-1]
            if line.strip() and not lexemes.is_comment(line.strip(), prefix.language)
        ]
        self._before = [_line(line, prefix.language) for line in before[-_LINES:]]
        self._whole = (
            [*self._before, _line(self._part, prefix.language)][-_LINES:] if self._part else self._before
        )
        self._depth = _levels(cursor_column(prefix) - prefix.depth, prefix.indentation)

    @property
    def may_end(self) -> bool:
        """Whether the cursor's line may be complete, so that a new one can follow."""
        prefix = self._prefix
        if prefix.place != "code" or prefix.rest.strip():
            return False
        return not self._part.endswith(_INCOMPLETE) and not _inner_open(prefix)

    def cut(self, text: str, *, start: bool) -> Cut | None:
        """The best cut of a fragment; None where nothing can follow. `start` allows its very beginning."""
        found = rows(text, self._prefix.language)
        best: Cut | None = None
        for cut in self._cuts(found, start=start):
            if best is None or cut.likeness > best.likeness + 1e-9:
                best = cut
        return best

    def _cuts(self, found: Sequence[Row], *, start: bool) -> Iterable[Cut]:
        if not found:
            return
        width = _width(found)
        if self._part and len(self._part) >= _SHORTEST_PART:
            for number, row in enumerate(found):
                rest = row.text.removeprefix(self._part).strip()
                if row.text.startswith(self._part) and rest and not self._is_comment(rest):
                    likeness = self._likeness(found, number, self._before, 1)
                    yield Cut(row.begins + len(self._part), likeness, 1.0, 0, row.number, inside=True)
        if self._part and not self.may_end:
            return
        for number, row in enumerate(found):
            if number == 0:
                if start:
                    yield Cut(row.offset, _START, 0.0, 0, row.number)
                continue
            if row.opens:
                levels = _levels(row.indent - found[0].indent, width) - self._depth
                last = _alike(self._whole[-1], found[number - 1]) if self._whole else 0.0
                likeness = self._likeness(found, number, self._whole, 0, last) - _LEVEL * abs(levels)
                yield Cut(row.offset, max(likeness, 0.0), last, levels, row.number)

    def _is_comment(self, text: str) -> bool:
        return lexemes.is_comment(text, self._prefix.language)

    def _likeness(
        self, found: Sequence[Row], number: int, lines: Sequence[_Line], typed: int, last: float | None = None
    ) -> float:
        """The decaying mean over the lines before a cut; `typed` lines more are known to be the same.

        `last` is the likeness of the last line, where it is known.
        """
        total = got = 0.0
        weight = 1.0
        for _ in range(typed):
            total, got, weight = total + weight, got + weight, weight * _DECAY
        for back, line in enumerate(reversed(lines), 1):
            total += weight
            if back <= number:
                known = last if back == 1 else None
                got += weight * (_alike(line, found[number - back]) if known is None else known)
            weight *= _DECAY
        return got / total if total else 0.0


def cursor_column(prefix: Prefix) -> int:
    """The indentation of the statement that comes next."""
    last = prefix.text.rstrip().rpartition("\n")[2]
    opens = bool(last) and (last.rstrip().endswith(_BLOCKS) or _inner_open(prefix))
    if not prefix.line.strip() and prefix.line:
        typed = column(prefix.line)
        # Right behind the head of a block there is nothing but its body.
        return column(last) + prefix.indentation.width if opens and typed <= column(last) else typed
    return column(last) + prefix.indentation.width * opens


@functools.lru_cache(maxsize=1 << 10)
def rows(text: str, language: str) -> tuple[Row, ...]:
    """The lines of a fragment that are not blank."""
    found, depth, offset = [], 0, 0
    for number, line in enumerate(text.split("\n")):
        stripped = line.strip()
        if stripped:
            line_of = _line(stripped, language)
            opens = depth <= 0 and stripped[0] not in ")]"
            begins = offset + len(line) - len(line.lstrip())
            found.append(
                Row(number, offset, begins, column(line), stripped, line_of.words, line_of.weight, opens)
            )
            if not lexemes.is_comment(stripped, language):
                depth += sum(map(stripped.count, "([")) - sum(map(stripped.count, ")]"))
                depth = max(depth, 0)
        offset += len(line) + 1
    return tuple(found)


@functools.lru_cache(maxsize=1 << 12)
def _line(text: str, language: str) -> _Line:
    words = frozenset(lexemes.lexemes(text, language))
    return _Line(text, words, _weight(words))


def _weight(words: Iterable[str]) -> float:
    # Quarters and the like sum up exactly in any order, whatever the order of the set.
    return sum(map(_weight_of, words))


@functools.lru_cache(maxsize=1 << 16)
def _weight_of(lexeme: str) -> float:
    """A name says more than a keyword, that more than a bracket."""
    if lexemes.is_name(lexeme):
        return 0.625 if code.is_keyword(lexeme) else 1.0 + min(len(lexeme), 16) / 16
    return 1.0 if lexemes.is_literal(lexeme) else 0.25


def _alike(ours: _Line, theirs: Row) -> float:
    """Dice coefficient of two lines' lexemes, by weight."""
    if ours.text == theirs.text:
        return 1.0
    if ours.words.isdisjoint(theirs.words):
        return 0.0
    both = ours.words & theirs.words
    return 2 * _weight(both) / (ours.weight + theirs.weight)


def _inner_open(prefix: Prefix) -> bool:
    """Whether a parenthesis or square bracket is the innermost thing open."""
    return bool(prefix.open) and prefix.open[-1] in "(["


def _levels(columns: int, indentation: Indentation | int) -> int:
    width = indentation if isinstance(indentation, int) else indentation.width
    return round(columns / max(width, 1))


def _width(found: Sequence[Row]) -> int:
    """The columns of a level in a fragment."""
    steps = [b.indent - a.indent for a, b in pairwise(found) if b.indent > a.indent]
    return min((step for step in steps if step > 1), default=4)
