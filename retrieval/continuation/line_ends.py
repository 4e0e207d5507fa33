"""Unifies line ends to compare code, and detects those of a document to insert code."""

from __future__ import annotations

import re

_RETURN = re.compile(r"\r\n?")


def unified(text: str) -> str:
    """The text with "\\n" for each "\\r\\n" and each lone "\\r".

    NEL and U+2028 are not line ends, as in editors.
    """
    return _RETURN.sub("\n", text) if "\r" in text else text


def of(text: str) -> str:
    """The most frequent line end of a text; "\\n" for a text of one line."""
    if "\r" not in text:
        return "\n"
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=counts.__getitem__)
