"""Shortens a long issue to its beginning, with the description, and its end, where logs have the error."""

from __future__ import annotations

from dataclasses import dataclass

from .markdown import MAX_CHARACTERS

_BETWEEN = "\n\n"
_HEAD = MAX_CHARACTERS // 4


@dataclass(frozen=True, slots=True)
class ShortenedIssue:
    """The text of an issue that is read, and a remark about the rest ("" if nothing is left out)."""

    text: str
    remark: str = ""


def shorten(text: str) -> ShortenedIssue:
    """The shortened issue, cut at line ends if there are any nearby."""
    if len(text) <= MAX_CHARACTERS:
        return ShortenedIssue(text)
    start = text.rfind("\n", _HEAD // 2, _HEAD) + 1 or _HEAD
    tail = len(text) - (MAX_CHARACTERS - _HEAD - len(_BETWEEN))
    end = text.find("\n", tail, tail + _HEAD) + 1 or tail
    remark = f"characters {start + 1:,} to {end:,} of the issue's {len(text):,} were not read"
    return ShortenedIssue(text[:start].rstrip("\r\n") + _BETWEEN + text[end:], remark)
