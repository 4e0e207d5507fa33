"""Converts between positions of clients and positions in this server. No other module handles code units.

A client counts the characters of a line in UTF-8, UTF-16 or UTF-32 code units, as negotiated at the start.
This server counts code points.
"""

from __future__ import annotations

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"


def units(text: str, encoding: str) -> int:
    """The number of code units of a text."""
    if encoding == UTF32 or text.isascii():
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def index(line: str, character: int, encoding: str) -> int:
    """The index, in a line, of the code point to which a client's number `character` refers.

    Returns the length of the line if `character` is beyond the end. A position inside a code point counts as
    the start of that code point.
    """
    if encoding == UTF32 or line.isascii():
        return min(max(character, 0), len(line))
    seen = 0
    for number, char in enumerate(line):
        seen += units(char, encoding)
        if seen > character:
            return number
    return len(line)
