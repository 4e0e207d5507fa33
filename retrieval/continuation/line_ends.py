"""Line ends: code is compared with "\\n" alone, and inserted with the line ends of the document."""

from __future__ import annotations

import re

_RETURN = re.compile(r"\r\n?")


def unified(text: str) -> str:
    """The text with "\\n" for each "\\r\\n" and each lone "\\r", which editors count as line ends, too.

    NEL and U+2028 are characters of their lines.
    """
    return _RETURN.sub("\n", text) if "\r" in text else text


def of(text: str) -> str:
    """The line end that most lines of a text have; "\\n" for a text of one line."""
    if "\r" not in text:
        return "\n"
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=counts.__getitem__)
