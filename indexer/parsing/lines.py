"""Lines of a source text, by byte offset. LF ends a line; `source` has put one in place of each lone CR."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate


class Lines:
    """Where each line of `text` starts; line numbers here count from 0."""

    __slots__ = ("_firsts", "starts", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.starts = [0, *accumulate(map((1).__add__, map(len, text.split(b"\n"))))]
        self._firsts = self.starts[:-1]
        self.starts[-1] = len(text)  # the last line has no LF, and ends where the text does

    def __len__(self) -> int:
        return len(self._firsts)

    def at(self, byte: int) -> int:
        """The line that holds `byte`; the end of the text counts as in the last line."""
        return bisect_right(self._firsts, byte) - 1

    def start(self, byte: int) -> int:
        """The byte at which the line that holds `byte` starts."""
        return self.starts[self.at(byte)]

    def end(self, byte: int) -> int:
        """The byte behind the line, LF included, that holds `byte`."""
        return self.starts[self.at(byte) + 1]

    def count(self, start: int, end: int) -> int:
        """How many lines the half-open range touches."""
        return self.at(end - 1) - self.at(start) + 1

    def opens(self, byte: int) -> bool:
        """Whether only white space stands before `byte` in its line."""
        start = self.start(byte)
        return start == byte or self.text[start:byte].isspace()
