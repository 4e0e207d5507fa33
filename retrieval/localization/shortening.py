"""The part of a long issue that is read: its beginning says what is wrong, the end of a log says why."""

from __future__ import annotations

from dataclasses import dataclass

from .markdown import MAX_CHARACTERS

_BETWEEN = "\n\n"
_HEAD = MAX_CHARACTERS // 4


@dataclass(frozen=True, slots=True)
class ShortenedIssue:
    """What is read of an issue, and a line about what is not ("" for a whole one)."""

    text: str
    remark: str = ""


def shorten(text: str) -> ShortenedIssue:
    """The excerpt of an issue, cut at line ends where there are any near."""
    if len(text) <= MAX_CHARACTERS:
        return ShortenedIssue(text)
    start = text.rfind("\n", _HEAD // 2, _HEAD) + 1 or _HEAD
    tail = len(text) - (MAX_CHARACTERS - _HEAD - len(_BETWEEN))
    end = text.find("\n", tail, tail + _HEAD) + 1 or tail
    remark = f"characters {start + 1:,} to {end:,} of the issue's {len(text):,} were not read"
    return ShortenedIssue(text[:start].rstrip("\r\n") + _BETWEEN + text[end:], remark)
