"""The part of a long issue that is read: its beginning says what is wrong, the end of a log says why."""

from __future__ import annotations

from dataclasses import dataclass

from .markdown import MOST

_BETWEEN = "\n\n"
_HEAD = MOST // 4


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is read of an issue, and a line about what is not ("" for a whole one)."""

    text: str
    remark: str = ""


def of(text: str) -> Excerpt:
    """The excerpt of an issue, cut at line ends where there are any near."""
    if len(text) <= MOST:
        return Excerpt(text)
    start = text.rfind("\n", _HEAD // 2, _HEAD) + 1 or _HEAD
    tail = len(text) - (MOST - _HEAD - len(_BETWEEN))
    end = text.find("\n", tail, tail + _HEAD) + 1 or tail
    remark = f"characters {start + 1:,} to {end:,} of the issue's {len(text):,} were not read"
    return Excerpt(text[:start].rstrip("\r\n") + _BETWEEN + text[end:], remark)
