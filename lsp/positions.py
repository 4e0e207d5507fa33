"""Positions as clients count them, and as we do. Nothing else knows of code units.

A client counts a line's characters in UTF-8, UTF-16 or UTF-32 code units, as was agreed at the start. We
count code points.
"""

from __future__ import annotations

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"


def units(text: str, encoding: str) -> int:
    """How many code units a text has."""
    if encoding == UTF32 or text.isascii():
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def index(line: str, character: int, encoding: str) -> int:
    """The code point at a client's `character` of a line; its end for what is behind it.

    A position within a code point is that code point's.
    """
    if encoding == UTF32 or line.isascii():
        return min(max(character, 0), len(line))
    seen = 0
    for number, char in enumerate(line):
        seen += units(char, encoding)
        if seen > character:
            return number
    return len(line)
