"""Shortens a long issue, and splits the text of an issue into title, prose and code, in linear time.

A long issue is shortened to its beginning and its end. The beginning contains the description, and the end of
a pasted log contains the error. `issue.parse_issue` later gives code that contains an error the kind "error".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .boilerplate import says_nothing

Kind = Literal["title", "prose", "code", "error"]

LONGEST_LINE = 2_000
"""Maximum characters of a line that are read. Longer lines are usually data instead of text."""
MAX_CHARACTERS = 400_000
"""Maximum characters of an issue that are read."""
_HEAD = MAX_CHARACTERS // 4
_BETWEEN = "\n\n"

_COMMENT, _COMMENT_END = "<!--", "-->"
_FENCES = ("```", "~~~")
_CHECKBOX = re.compile(r"[-*+] \[[ xX]?\]")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_TAG = re.compile(r"</?(?:details|summary|img|br|p|div|b|i|em|strong|sub|sup|kbd|pre|code|a)\b[^<>]{0,1000}>")
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\(([^()\s]{1,500})\)")


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of an issue: the title, the lines of a paragraph, or a block of code or program output."""

    kind: Kind
    text: str


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


def segments(text: str) -> list[Segment]:
    """The segments of an issue, in order. The first line with content is the title, unless it is code."""
    found: list[Segment] = []
    lines: list[str] = []
    kind: Kind = "prose"

    def end_segment() -> None:
        if lines:
            found.append(Segment(kind, "\n".join(lines)))
            lines.clear()

    titled = False
    for is_code, line in _lines(without_comments(text[:MAX_CHARACTERS])):
        if not titled and not is_code:
            said = _said(line)
            if said:
                found.append(Segment("title", said))
                titled = True
            continue
        titled = titled or is_code
        now: Kind = "code" if is_code else "prose"
        if now != kind:
            end_segment()
            kind = now
        said = line if is_code else _said(line)
        if said:
            lines.append(said)
        elif not is_code:
            end_segment()
    end_segment()
    return found


def without_comments(text: str) -> str:
    """The text without HTML comments. A comment without an end is kept."""
    parts, at = [], 0
    while (start := text.find(_COMMENT, at)) >= 0:
        end = text.find(_COMMENT_END, start)
        if end < 0:
            break
        parts.append(text[at:start])
        at = end + len(_COMMENT_END)
    return "".join((*parts, text[at:]))


def _lines(text: str) -> Iterator[tuple[bool, str]]:
    """Yields whether each line is code, and the line.

    A line is code if it is fenced, indented after an empty line, or part of an interpreter session.
    """
    fence = ""
    free = True  # whether an indented line is code
    indented = False
    for raw in text.splitlines():
        line = raw[:LONGEST_LINE].rstrip()
        stripped = line.lstrip(" >\t") if not fence else line.lstrip()
        if fence:
            if stripped.startswith(fence) and not stripped.strip("`~ "):
                fence = ""
                free = True
            else:
                yield True, line
            continue
        opener = next((mark for mark in _FENCES if stripped.startswith(mark)), "")
        if opener and stripped.count(opener) == 1:
            fence = opener
            continue
        deep = line.startswith(("    ", "\t"))
        session = line.lstrip().startswith((">>> ", "... ", "$ ", "In [", "Out["))
        indented = deep and (free or indented)
        free = not line or (free and deep)
        yield (indented and bool(line)) or session, line


def _said(line: str) -> str:
    """Returns a line of prose without its markup. Returns "" if the line is boilerplate."""
    line = line.strip().lstrip("> ")
    heading = _HEADING.match(line)
    bare = heading[1] if heading else line
    if _CHECKBOX.match(bare):
        return ""
    bare = _LINK.sub(r"\1 \2", _TAG.sub(" ", _IMAGE.sub(" ", bare))).strip("*_ \t")
    return "" if says_nothing(bare) else bare
