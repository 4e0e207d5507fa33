"""Parses a text, or some of its lines, within a budget of CPU time."""

from __future__ import annotations

import time

from tree_sitter import Parser, Point, Range, Tree

from .lines import Lines

BUDGET_SECONDS = 5.0
"""CPU time for one text, in seconds.

Parsing a megabyte of ordinary code takes a tenth of this time. With some broken texts, parsing never ends.
"""

# The parser reads a text in chunks of this many bytes. Chunks are small because the bindings read one chunk
# for each name that a query compares.
_CHUNK = 1 << 12
# The clock is read once in this number of progress callbacks. The parser makes several callbacks per
# kilobyte.
_CALLS_PER_CLOCK_READ = 16


class OutOfTime(Exception):
    """A text could not be parsed within the budget."""


class BudgetedParser:
    """Parses one text, whole or in parts, within one budget."""

    def __init__(self, parser: Parser, text: bytes, budget: float = BUDGET_SECONDS) -> None:
        self._parser = parser
        self._text = text
        self._deadline = time.thread_time() + budget
        self._progress_calls = 0
        self._stop_on_error = False

    def parse_all(self) -> Tree:
        """The tree of the text. Raises OutOfTime."""
        try:
            return self._parser.parse(self._read, progress_callback=self._is_late)
        except ValueError:
            # Without the reset, the next call would continue the parse that was stopped.
            self._parser.reset()
            raise OutOfTime from None

    def parse_lines_if_sound(self, parts: list[tuple[int, int]], lines: Lines) -> Tree | None:
        """Like `parse_lines`, but stops at the first syntax error and returns None.

        Stopping saves time, because recovery from errors takes most of the time of a parse.
        """
        self._stop_on_error = True
        try:
            tree = self.parse_lines(parts, lines)
        except OutOfTime:
            if time.thread_time() > self._deadline:
                raise
            return None
        finally:
            self._stop_on_error = False
        return None if tree.root_node.has_error else tree

    def parse_lines(self, parts: list[tuple[int, int]], lines: Lines) -> Tree:
        """The tree of the line ranges `parts`, which are parsed as if they were adjacent.

        Offsets in the tree are offsets in the whole text. The ranges are half-open and in file order, and
        lines count from 0. Raises OutOfTime.
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
            return self.parse_all()
        finally:
            del self._parser.included_ranges

    def _read(self, start: int, _: Point) -> bytes:
        return self._text[start : start + _CHUNK]

    def _is_late(self, _offset: int, has_error: bool) -> bool:
        if has_error and self._stop_on_error:
            return True
        self._progress_calls += 1
        return self._progress_calls % _CALLS_PER_CLOCK_READ == 0 and time.thread_time() > self._deadline
