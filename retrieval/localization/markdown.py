"""Shortens a long issue, and splits the text of an issue into title, prose and code, in linear time.

A long issue is shortened to its beginning and its end. The beginning contains the description, and the end of
a pasted log contains the error. `issue.parse_issue` later gives code that contains an error the kind "error".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Kind = Literal["title", "prose", "code", "error"]

LONGEST_LINE = 2_000
"""Maximum characters of a line that are read. Longer lines are usually data instead of text."""
MAX_CHARACTERS = 400_000
"""Maximum characters of an issue that are read."""
_HEAD = MAX_CHARACTERS // 4
_BETWEEN = "\n\n"

_COMMENT = re.compile(r"<!(?=--).*?(?:-->|\Z)", re.DOTALL)
FENCES = ("```", "~~~")
"""What begins and ends a block of code."""
_CHECKBOX = re.compile(r"[-*+] \[[ xX]?\]")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_TAG = re.compile(r"</?(?:details|summary|img|br|p|div|b|i|em|strong|sub|sup|kbd|pre|code|a)\b[^<>]{0,1000}>")
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\(([^()\s]{1,500})\)")

_HEADINGS = """
actual; actual behavior; actual behaviour; actual result; actual results; additional; additional context;
additional information; alternatives; anything else; anything else we need to know; are you willing to
submit a pr; bug; bug description; checklist; code example; code of conduct; code sample; complete verbose
output; component; context; current behavior; describe alternatives youve considered; describe the bug;
describe the solution youd like; description; details; documentation; dont modify this template;
environment; environment details; example; expected; expected behavior; expected behaviour; expected
result; expected results; feature request; help us help you; how to reproduce; information; is your
feature request related to a problem please describe; issue; logs; minimal example; minimal reproducible
example; motivation; no response; operating system; os; other information; possible solution;
prerequisites; problem; proposed solution; provide a description that is worded well enough; provide
verbose output that clearly demonstrates the problem; python version; question; read more; region; related
issues; relevant log output; reproducer; reproducible example; reproduction; screenshots; search before
asking; solution; steps to reproduce; suggested solution; summary; system info; system information; tasks;
to reproduce; ultralytics yolo component; use case; version; versions; what did you expect to happen; what
happened; what you expected to happen; who can help; your contribution
"""
_SENTENCES = """
_no response_; a clear and concise; add any other context; do not remove; don't remove; i agree to follow;
i am reporting; i have checked; i have confirmed; i have provided; i have read; i have searched; i have
verified; i understand that i will be; i would be willing; i'm reporting; i've checked; i've read; i've
searched; if applicable, add; no response; please fill; please make sure; please provide; thanks for
taking the time; yes i am willing
"""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(";"))


_KNOWN = frozenset(_listed(_HEADINGS))
_BEGINNINGS = _listed(_SENTENCES)


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
    rows = list(_lines(without_comments(text[:MAX_CHARACTERS])))
    first = next((n for n, (kind, said) in enumerate(rows) if said or kind == "code"), None)
    if first is not None and rows[first][0] == "prose":
        rows[first] = ("title", rows[first][1])
    found: list[Segment] = []
    # An empty line of prose ends a segment.
    for (kind, _), run in groupby(rows, key=lambda row: (row[0], row[0] == "code" or bool(row[1]))):
        said = "\n".join(line for _, line in run if line)
        if said:
            found.append(Segment(kind, said))
    return found


def without_comments(text: str) -> str:
    """The text without HTML comments. A comment without an end is kept."""
    return _COMMENT.sub(lambda comment: "" if comment[0].endswith("-->") else comment[0], text)


def _lines(text: str) -> Iterator[tuple[Kind, str]]:
    """Yields the kind of each line, and what the line says.

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
                yield "code", line
            continue
        opener = next((mark for mark in FENCES if stripped.startswith(mark)), "")
        if opener and stripped.count(opener) == 1:
            fence = opener
            continue
        deep = line.startswith(("    ", "\t"))
        session = line.lstrip().startswith((">>> ", "... ", "$ ", "In [", "Out["))
        indented = deep and (free or indented)
        free = not line or (free and deep)
        yield ("code", line) if (indented and line) or session else ("prose", _said(line))


def _said(line: str) -> str:
    """Returns a line of prose without its markup. Returns "" if the line is boilerplate."""
    line = line.strip().lstrip("> ")
    heading = _HEADING.match(line)
    bare = heading[1] if heading else line
    if _CHECKBOX.match(bare):
        return ""
    bare = _LINK.sub(r"\1 \2", _TAG.sub(" ", _IMAGE.sub(" ", bare))).strip("*_ \t")
    return "" if _says_nothing(bare) else bare


def _says_nothing(line: str) -> bool:
    """Whether a line of prose is boilerplate of an issue form: a heading, or a sentence of a checklist."""
    letters = "".join(c if c.isalpha() else " " for c in line.lower().replace("'", ""))
    return " ".join(letters.split()) in _KNOWN or line.lower().startswith(_BEGINNINGS)
