"""Unifies line ends so that code can be compared, and detects the line ends of a document."""

from __future__ import annotations

import re

_RETURN = re.compile(r"\r\n?")


def unified(text: str) -> str:
    """The text with "\\n" for each "\\r\\n" and each lone "\\r".

    NEL and U+2028 are no line ends here, because they are no line ends in editors.
    """
    return _RETURN.sub("\n", text) if "\r" in text else text


def of(text: str) -> str:
    """The most frequent line end of a text; "\\n" for a text without line ends."""
    if "\r" not in text:
        return "\n"
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=counts.__getitem__)
