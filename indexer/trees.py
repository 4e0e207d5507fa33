"""Syntax trees within a budget of time: of a whole text or, when it is broken, of stretches of it.

One error can take the rest of a file along; parsed stretch by stretch, it spoils its own stretch only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from tree_sitter import Parser, Point, Range, Tree

from .lines import Lines

# Processor time for one text. An ordinary megabyte takes a tenth of it; some broken text takes forever.
BUDGET_SECONDS = 5.0

# Small, because the bindings read a chunk for each name that a query compares.
_CHUNK = 1 << 12
# The clock is read once for so many questions of the parser, which asks several times a kilobyte.
_PATIENCE = 16
# A line that starts something at the top level: not indented, no closer, no label like `public:`.
_STARTS = re.compile(rb"(?!\w+\s*:\s*$)[^\s)\]}]")
# With more stretches than this the text is data, and not worth it.
_MAX_STRETCHES = 2_000


class OutOfTime(Exception):
    """A text could not be parsed within the budget."""


class Trees:
    """Parses one text, whole or in stretches, within one budget."""

    def __init__(self, parser: Parser, text: bytes, budget: float = BUDGET_SECONDS) -> None:
        self._parser = parser
        self._text = text
        self._deadline = time.thread_time() + budget
        self._asked = 0

    def whole(self) -> Tree:
        """The tree of the text. Raises OutOfTime."""
        try:
            return self._parser.parse(self._read, progress_callback=self._is_late)
        except ValueError:
            # A parser that was stopped would go on where it was.
            self._parser.reset()
            raise OutOfTime from None

    def stretches(self, lines: Lines) -> Iterator[Tree]:
        """A tree for each stretch, with the whole text's offsets; none if there are too many.


        The text may have one line end more than `lines`. Raises OutOfTime.
        """
        ranges = _ranges(lines)
        if not 1 < len(ranges) <= _MAX_STRETCHES:
            return
        try:
            for first, end in ranges:
                stop = len(self._text) if end == len(lines) else lines.starts[end]
                self._parser.included_ranges = [
                    Range(Point(first, 0), Point(end, 0), lines.starts[first], stop)
                ]
                yield self.whole()
        finally:
            del self._parser.included_ranges

    def _read(self, start: int, _: Point) -> bytes:
        return self._text[start : start + _CHUNK]

    def _is_late(self, _offset: int, _has_error: bool) -> bool:
        self._asked += 1
        return self._asked % _PATIENCE == 0 and time.thread_time() > self._deadline


def _ranges(lines: Lines) -> list[tuple[int, int]]:
    """The line ranges between top-level lines that follow a blank one; together they are the text."""
    text, starts = lines.text, lines.starts
    cuts = [0]
    blank = False
    for line in range(len(lines)):
        content = text[starts[line] : starts[line + 1]].rstrip()
        if blank and _STARTS.match(content):
            cuts.append(line)
        blank = not content
    return list(zip(cuts, [*cuts[1:], len(lines)], strict=True))
