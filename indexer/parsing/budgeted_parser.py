"""Syntax trees, of a whole text or of some of its lines, within a budget of processor time."""

from __future__ import annotations

import time

from tree_sitter import Parser, Point, Range, Tree

from .lines import Lines

# Processor time for one text. An ordinary megabyte takes a tenth of it; some broken text takes forever.
BUDGET_SECONDS = 5.0

# Small, because the bindings read a chunk for each name that a query compares.
_CHUNK = 1 << 12
# The clock is read once for so many questions of the parser, which asks several times a kilobyte.
_PATIENCE = 16


class OutOfTime(Exception):
    """A text could not be parsed within the budget."""


class Trees:
    """Parses one text, whole or in parts, within one budget."""

    def __init__(self, parser: Parser, text: bytes, budget: float = BUDGET_SECONDS) -> None:
        self._parser = parser
        self._text = text
        self._deadline = time.thread_time() + budget
        self._asked = 0
        self._stops = False
        self._stopped = False

    def whole(self) -> Tree:
        """The tree of the text. Raises OutOfTime."""
        try:
            return self._parser.parse(self._read, progress_callback=self._is_late)
        except ValueError:
            # A parser that was stopped would go on where it was.
            self._parser.reset()
            raise OutOfTime from None

    def sound(self, parts: list[tuple[int, int]], lines: Lines) -> Tree | None:
        """The same as `of`, but None as soon as there is an error: recovery takes most of the time."""
        self._stops, self._stopped = True, False
        try:
            tree = self.of(parts, lines)
        except OutOfTime:
            if self._stopped:
                return None
            raise
        finally:
            self._stops = False
        return None if tree.root_node.has_error else tree

    def of(self, parts: list[tuple[int, int]], lines: Lines) -> Tree:
        """The tree of some line ranges, in order, as if nothing stood between them; offsets are the text's.

        Ranges are half-open and count lines from 0. Raises OutOfTime.
        """
        last = len(lines)
        self._parser.included_ranges = [
            Range(
                Point(first, 0),
                Point(end, 0),
                lines.starts[first],
                len(self._text) if end == last else lines.starts[end],
            )
            for first, end in parts
        ]
        try:
            return self.whole()
        finally:
            del self._parser.included_ranges

    def _read(self, start: int, _: Point) -> bytes:
        return self._text[start : start + _CHUNK]

    def _is_late(self, _offset: int, has_error: bool) -> bool:
        if has_error and self._stops:
            self._stopped = True
            return True
        self._asked += 1
        return self._asked % _PATIENCE == 0 and time.thread_time() > self._deadline
