"""Finds where to cut a fragment so that the rest continues the code before the cursor.

A fragment is cut at the beginning of a line at which no parenthesis or square bracket is open, or within a
line that begins like the cursor's line. At the best cut, the lines before the cut are most similar to the
lines before the cursor. Lines nearer to the cut weigh more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from . import lexemes, lexical_profile
from .lexical_profile import column
from .query import CursorPrefix

_LINES = 6
"""Number of lines before the cursor that are compared with the lines before a cut."""
_DECAY = 0.6
"""Each line weighs this times as much as the line after it."""
_LEVEL = 0.08
"""Similarity that is subtracted for each level by which the depths of cut and cursor differ."""
_START = 0.05
"""Similarity of a cut at the start of a fragment."""
_SHORTEST_PART = 3
"""A cut within a line needs at least this number of characters on the cursor's line before the cursor."""
_INCOMPLETE = tuple("([,.=+-*/%&|<>?\\@!~^")
_BLOCKS = ("{", ":", "do", "then", "begin", "=>", "->", "|")


@dataclass(frozen=True, slots=True)
class CutPoint:
    """The offset `at` into the text of a fragment.

    `similarity` in [0, 1] is the similarity of the code before the cut to the code before the cursor. `last`
    is the similarity of the last lines of both. `levels` is the number of indentation levels by which the cut
    is deeper in its function than the cursor is in the open function. `line` is the number of the line with
    the cut, counted from 0. If `inside` is true, the cut is within that line, otherwise at its beginning.
    """

    at: int
    similarity: float = 0.0
    last: float = 0.0
    levels: int = 0
    line: int = 0
    inside: bool = False


@dataclass(frozen=True, slots=True)
class FragmentLine:
    """A line of code that is not blank.

    `number` is the line's number, counted from 0. `text` is the line without white space at both ends.
    `offset` is the offset of the line, `begins` that of `text`, and `indent` the indentation in columns.
    `words` are the different lexemes of the line, and `weight` is the sum of their weights. `opens` says
    whether a statement may begin with this line.
    """

    number: int
    offset: int
    begins: int
    indent: int
    text: str
    words: frozenset[str]
    weight: float
    opens: bool


class Aligner:
    """Cuts fragments for one prefix."""

    def __init__(self, prefix: CursorPrefix) -> None:
        self._prefix = prefix
        lines = prefix.text.split("\n")
        self._part = lines[-1].strip()
        code = [line for line in map(str.strip, lines[:-1]) if line and not self._is_comment(line)]
        self._before = rows("\n".join(code[-_LINES:]), prefix.language)
        self._whole = (*self._before, *rows(self._part, prefix.language))[-_LINES:]
        self._depth = _levels(cursor_column(prefix) - prefix.depth, prefix.indentation.width)

    @property
    def may_end(self) -> bool:
        """Whether the code may continue on a new line, because the cursor's line may be complete."""
        prefix = self._prefix
        if prefix.context != "code" or prefix.rest.strip():
            return False
        return not self._part.endswith(_INCOMPLETE) and not _inner_open(prefix)

    def cut(self, text: str, *, start: bool) -> CutPoint | None:
        """Returns the best cut of a fragment. Returns None if the fragment has no possible cut.

        The fragment may be cut at its start only if `start` is true.
        """
        found = rows(text, self._prefix.language)
        best: CutPoint | None = None
        for cut in self._cuts(found, start=start):
            if best is None or cut.similarity > best.similarity + 1e-9:
                best = cut
        return best

    def _cuts(self, found: Sequence[FragmentLine], *, start: bool) -> Iterable[CutPoint]:
        if not found:
            return
        width = _width(found)
        if self._part and len(self._part) >= _SHORTEST_PART:
            for number, row in enumerate(found):
                rest = row.text.removeprefix(self._part).strip()
                if row.text.startswith(self._part) and rest and not self._is_comment(rest):
                    similarity = self._similarity(found, number, self._before, 1)
                    yield CutPoint(row.begins + len(self._part), similarity, 1.0, 0, row.number, inside=True)
        if self._part and not self.may_end:
            return
        for number, row in enumerate(found):
            if number == 0:
                if start:
                    yield CutPoint(row.offset, _START, 0.0, 0, row.number)
                continue
            if row.opens:
                levels = _levels(row.indent - found[0].indent, width) - self._depth
                last = _line_similarity(self._whole[-1], found[number - 1]) if self._whole else 0.0
                similarity = self._similarity(found, number, self._whole, 0, last) - _LEVEL * abs(levels)
                yield CutPoint(row.offset, max(similarity, 0.0), last, levels, row.number)

    def _is_comment(self, text: str) -> bool:
        return lexemes.is_comment(text, self._prefix.language)

    def _similarity(
        self,
        found: Sequence[FragmentLine],
        number: int,
        lines: Sequence[FragmentLine],
        typed: int,
        last: float | None = None,
    ) -> float:
        """The weighted mean of the similarities of the lines before a cut to `lines`.

        `typed` is the number of lines nearest to the cut that count as equal and are not in `lines`. `last`
        is the similarity of the last of `lines`, or None if this similarity is not known.
        """
        total = got = 0.0
        weight = 1.0
        for _ in range(typed):
            total, got, weight = total + weight, got + weight, weight * _DECAY
        for back, line in enumerate(reversed(lines), 1):
            total += weight
            if back <= number:
                known = last if back == 1 else None
                got += weight * (_line_similarity(line, found[number - back]) if known is None else known)
            weight *= _DECAY
        return got / total if total else 0.0


def cursor_column(prefix: CursorPrefix) -> int:
    """The indentation of the next statement, in columns."""
    last = prefix.last_text
    opens = bool(last) and (last.endswith(_BLOCKS) or _inner_open(prefix))
    if not prefix.line.strip() and prefix.line:
        typed = column(prefix.line)
        # After the head of a block, only its body can follow.
        return column(last) + prefix.indentation.width if opens and typed <= column(last) else typed
    return column(last) + prefix.indentation.width * opens


@functools.lru_cache(maxsize=1 << 10)
def rows(text: str, language: str) -> tuple[FragmentLine, ...]:
    """The lines of a text that are not blank."""
    found, depth, offset = [], 0, 0
    for number, line in enumerate(text.split("\n")):
        stripped = line.strip()
        if stripped:
            words, weight = _words(stripped, language)
            opens = depth <= 0 and stripped[0] not in ")]"
            begins = offset + len(line) - len(line.lstrip())
            found.append(FragmentLine(number, offset, begins, column(line), stripped, words, weight, opens))
            if not lexemes.is_comment(stripped, language):
                depth += sum(map(stripped.count, "([")) - sum(map(stripped.count, ")]"))
                depth = max(depth, 0)
        offset += len(line) + 1
    return tuple(found)


@functools.lru_cache(maxsize=1 << 12)
def _words(line: str, language: str) -> tuple[frozenset[str], float]:
    """The different lexemes of a line, and the sum of their weights."""
    words = frozenset(lexemes.lexemes(line, language))
    return words, _weight(words)


def _weight(words: Iterable[str]) -> float:
    # The weights are multiples of 1/16, so their sum is exact and does not depend on the order of the set.
    return sum(map(_weight_of, words))


@functools.lru_cache(maxsize=1 << 16)
def _weight_of(lexeme: str) -> float:
    """The weight of a lexeme. Names and literals weigh more than keywords; keywords more than operators."""
    if lexemes.is_name(lexeme):
        return 0.625 if lexical_profile.is_keyword(lexeme) else 1.0 + min(len(lexeme), 16) / 16
    return 1.0 if lexemes.is_literal(lexeme) else 0.25


def _line_similarity(ours: FragmentLine, theirs: FragmentLine) -> float:
    """The weighted Dice coefficient of the lexemes of two lines."""
    if ours.text == theirs.text:
        return 1.0
    if ours.words.isdisjoint(theirs.words):
        return 0.0
    both = ours.words & theirs.words
    return 2 * _weight(both) / (ours.weight + theirs.weight)


def _inner_open(prefix: CursorPrefix) -> bool:
    """Whether the innermost open bracket is a parenthesis or a square bracket."""
    return bool(prefix.open) and prefix.open[-1] in "(["


def _levels(columns: int, width: int) -> int:
    return round(columns / max(width, 1))


def _width(found: Sequence[FragmentLine]) -> int:
    """The columns of an indentation level in a fragment."""
    steps = [b.indent - a.indent for a, b in pairwise(found) if b.indent > a.indent]
    return min((step for step in steps if step > 1), default=4)
