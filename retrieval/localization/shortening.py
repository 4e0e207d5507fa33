"""Shortens a long issue to its beginning and its end.

The beginning contains the description. The end of a pasted log contains the error.
"""

from __future__ import annotations

from dataclasses import dataclass

from .markdown import MAX_CHARACTERS

_BETWEEN = "\n\n"
_HEAD = MAX_CHARACTERS // 4


@dataclass(frozen=True, slots=True)
class ShortenedIssue:
    """The text of an issue that is read, and a remark about the text that is left out ("" if none is)."""

    text: str
    remark: str = ""


def shorten(text: str) -> ShortenedIssue:
    """The issue, shortened if it is too long. It is cut at line ends if there are line ends nearby."""
    if len(text) <= MAX_CHARACTERS:
        return ShortenedIssue(text)
    start = text.rfind("\n", _HEAD // 2, _HEAD) + 1 or _HEAD
    tail = len(text) - (MAX_CHARACTERS - _HEAD - len(_BETWEEN))
    end = text.find("\n", tail, tail + _HEAD) + 1 or tail
    remark = f"characters {start + 1:,} to {end:,} of the issue's {len(text):,} were not read"
    return ShortenedIssue(text[:start].rstrip("\r\n") + _BETWEEN + text[end:], remark)
