"""Lines of a source text, by byte offset. Only LF ends a line; `source` has replaced each lone CR by LF."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate


class Lines:
    """The start of each line of `text`. Line numbers count from 0."""

    __slots__ = ("_firsts", "starts", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.starts = [0, *accumulate(map((1).__add__, map(len, text.split(b"\n"))))]
        self._firsts = self.starts[:-1]
        self.starts[-1] = len(text)  # the last line has no LF and ends with the text

    def __len__(self) -> int:
        return len(self._firsts)

    def at(self, byte: int) -> int:
        """The line of `byte`; the end of the text belongs to the last line."""
        return bisect_right(self._firsts, byte) - 1

    def line(self, number: int) -> bytes:
        """A line with its LF."""
        return self.text[self.starts[number] : self.starts[number + 1]]

    def start(self, byte: int) -> int:
        """The first byte of the line of `byte`."""
        return self.starts[self.at(byte)]

    def end(self, byte: int) -> int:
        """The offset after the line of `byte` and its LF."""
        return self.starts[self.at(byte) + 1]

    def count(self, start: int, end: int) -> int:
        """The number of lines that a half-open byte range touches."""
        return self.at(end - 1) - self.at(start) + 1

    def opens(self, byte: int) -> bool:
        """Whether only white space precedes `byte` in its line."""
        start = self.start(byte)
        return start == byte or self.text[start:byte].isspace()
