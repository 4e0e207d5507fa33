"""The lines of a source text, by byte offset. Only LF ends a line; `source` replaces each lone CR by LF."""

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
        """The line that contains the offset `byte`. The end of the text belongs to the last line."""
        return bisect_right(self._firsts, byte) - 1

    def line(self, number: int) -> bytes:
        """The line `number`, including the LF at its end."""
        return self.text[self.starts[number] : self.starts[number + 1]]

    def start(self, byte: int) -> int:
        """The offset of the first byte of the line that contains the offset `byte`."""
        return self.starts[self.at(byte)]

    def end(self, byte: int) -> int:
        """The offset after the last byte, usually an LF, of the line that contains the offset `byte`."""
        return self.starts[self.at(byte) + 1]

    def count(self, start: int, end: int) -> int:
        """The number of lines that contain a part of a half-open byte range."""
        return self.at(end - 1) - self.at(start) + 1

    def opens(self, byte: int) -> bool:
        """Whether only white space precedes the offset `byte` on the same line."""
        start = self.start(byte)
        return start == byte or self.text[start:byte].isspace()
