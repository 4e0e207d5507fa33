"""Recognises generated files by the header that the generating tool writes at the top.

A header counts only in a comment before the first code, and only in the form that the tool writes. A header
that is quoted in a string, a template or a sentence does not count. The header of scaffolding that people
edit afterwards (Django's migrations, `gradle init`) does not count either.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .leading import Comment, Line, comments

_MAX_SHOWN = 100  # characters of a header that are shown
_TEMPLATES = frozenset({
    *("tmpl", "tpl", "gotmpl", "template", "j2", "jinja", "jinja2", "erb", "ejs", "eex", "hbs", "mustache"),
    *("handlebars", "ftl", "vm", "mako", "liquid", "twig", "stg", "st", "tt", "t4", "scriban", "njk", "pug"),
})  # fmt: skip
"""Endings of template files. A template may contain a header, but is hand-written."""
_CONFIGURING = frozenset({"Autoconf", "Autoheader", "Automake", "Aclocal"})
"""Tools that generate files with the ending `.in`. All other files with this ending are templates."""
_PLACEHOLDER = re.compile(r"\{\{|\}\}|<%|%>|\$\{|%s|\{%|@[A-Z_]{3,}@")


@dataclass(frozen=True, slots=True)
class Header:
    """A line of a tool's header in a comment. `form` matches the beginning of the line.

    `docstring` says that the header may also stand in a docstring.
    """

    tool: str
    form: re.Pattern[str]
    docstring: bool


# Read at the start: a process that runs on while another version is installed must not read that one's.
_HEADERS = Path(__file__).with_name("headers.toml").read_text("utf-8")


@cache
def headers() -> tuple[Header, ...]:
    """The headers in `headers.toml`. Most files are judged without them, because compiling them is slow."""
    tables = tomllib.loads(_HEADERS)
    return tuple(
        Header(tool, re.compile(form), place == "docstring")
        for place, tools in tables.items()
        for tool, forms in tools.items()
        for form in forms
    )


_MADE = r"(?:auto[- ]?generated|machine[- ]generated|(?:automatically|programmatically) generated)"
_ALARM = r"(?:(?:DO NOT (?:EDIT|MODIFY)(?: THIS FILE)?|NOTE|WARNING|ATTENTION|CAUTION|IMPORTANT)[-:.!, ]*)?"
_STATEMENT = re.compile(
    rf"{_ALARM}(?:This|The) (?:\w+ )?(?:file|code|class|module|source|script|header"
    rf"|document|package|library) (?:is|was|has been) (?:an? )?(?:{_MADE}|generated automatically)"
    r"(?=[\s.,;:!]|$)",
    re.IGNORECASE,
)
"""Matches a statement that the file itself is generated. The statement need not name a tool."""
_NAMES_GENERATOR = re.compile(
    rf"{_ALARM}(?:(?:file|code|source) )?(?:{_MADE}|generated(?: automatically)?)\b[^.!?]*?"
    r"\b(?:by|from|with|using|via)\b(?![^.,;:!?()-]*\b(?:is|are|was|were|has|have|can|may|will|must|should)\b)"
    rf"|{_ALARM}(?:(?:this|the) )?(?:\S+ )?(?:file|code|class) (?:is|was|has been) generated\b"
    rf"|(?:this is an? |an? )?{_MADE} (?:file|code|source)\b",
    re.IGNORECASE,
)
"""Matches the beginning of a line about how the file is generated.

Such a line counts only if the comment also forbids editing.
"""
_FORBIDS_EDITING = re.compile(
    r"\b(?:do not|don't|do n't|must not|should not) (?:\w+ ){0,3}?(?:edit|modify|change|touch|alter)"
    r"|(?:changes|edits|modifications)\b.{0,60}\b(?:lost|overwritten|discarded)",
    re.IGNORECASE,
)
_HAND_EDITED = re.compile(
    r"(?<!edit )(?<!edited )(?<!modify )(?<!modified )(?<!change )(?<!it )(?<!them )\bby hand\b"
    r"|\bhand[- ]?(?:edited|written|maintained|tuned)|\bgenerated once\b|\bonce (?:auto|generated)"
    r"|\b(?:initially|originally|used to be|no longer|starting point|scaffold|feel free|safe to edit)\b"
    r"|\byou (?:can|may) (?:edit|modify|change)|\bnot (?:auto|machine|automatically)?[- ]?generated\b",
    re.IGNORECASE,
)
"""Matches a statement that people edit the file by hand, or may do so."""
_ENDS = re.compile(r"[.!?>;*=#/\\|}\])\"'-]$|^\S*$|https?://\S+$")
_PAIR = re.compile(r"[@\w][\w .-]*: ?\S")
_COMMAND = re.compile(r"(?:go |cgo |mk\w+|go:|\+build|eslint|tslint|vim?:|-\*-|@\w+|prettier|biome|coding)")
_LEADS_IN = re.compile(
    r"(?:[:,(]|\b(?:a|an|and|are|as|be|begin|begins|by|called|comment|contain|contains|header|in|is|like|line"
    r"|lines|marker|of|or|read|reads|say|saying|says|start|starts|text|that|the|to|with|write|writes))$",
    re.IGNORECASE,
)
_NEAR_LINES = 8
"""The number of lines before and after a statement that are searched for statements about editing."""
_KEYWORDS = (
    r"generat|generiert|genera |made (?:by|from)|produced by|translated by|object code|\$ANTLR"
    r"|maintained automatically|edit the class|CREATED BY DOCTRINE"
)
"""Every header contains one of these words. A search for these words is a cheap first test."""
_KEYWORDS_IN_LINE = re.compile(_KEYWORDS, re.IGNORECASE)
_KEYWORDS_IN_COMMENT = re.compile(_KEYWORDS.encode(), re.IGNORECASE)
_WITHOUT_COMMENT = (
    ("Ragel", re.compile(rb'\s*(?P<said>(?:#|//) ?line 1 "[^"\n]*\.rl")')),
    ("ocamllex or Menhir", re.compile(rb'\s*(?P<said># 1 "[^"\n]*\.ml[ly]")')),
    ("Alex or hsc2hs", re.compile(rb'\s*(?P<said>\{-# LINE 1 "[^"\n]*\.(?:x|hsc)" #-\})')),
    ("msgp", re.compile(rb"package \w+\s+(?P<said>// Code generated by github\.com/\S+/msgp DO NOT EDIT\.)")),
)
"""Headers that do not stand in a comment before the first code: in a directive, or after a line of code."""


def generated(text: bytes, path: str) -> str | None:
    """The header that shows that a file is generated, with the name of the tool if the tool is known.

    Returns None for a hand-written file.
    """
    endings = path.rpartition("/")[2].lower().split(".")[1:]
    if not _TEMPLATES.isdisjoint(endings):
        return None
    for tool, form in _WITHOUT_COMMENT:
        if found := form.match(text):
            return _shown(" ".join(found["said"].decode("utf-8", "replace").split()), tool)
    tools = _CONFIGURING if endings[-1:] == ["in"] else None
    for comment in comments(text, path, _KEYWORDS_IN_COMMENT):
        if (header := _in_comment(comment, tools)) is not None:
            return header
    return None


def _in_comment(comment: Comment, tools: frozenset[str] | None) -> str | None:
    """The header in a comment. Returns None if the comment contains no header.

    If `tools` is given, only headers of these tools count.
    """
    lines = comment.lines
    for number, line in enumerate(lines):
        if (
            not _KEYWORDS_IN_LINE.search(line.text)
            or _PLACEHOLDER.search(line.text)
            or _is_example(lines, number)
        ):
            continue
        tool = _tool(line, comment)
        if tools is not None and tool not in tools:
            continue
        if tool and (comment.docstring or _is_own(lines, number)):
            return _shown(line.raw, tool)
        if not comment.docstring and _follows_an_end(lines, number) and _is_statement(lines, number):
            return _shown(line.raw, "")
    return None


def _tool(line: Line, comment: Comment) -> str:
    """The tool whose header begins in this line. Returns "" if no tool is known by such a line."""
    known = (one for one in headers() if one.docstring or not comment.docstring)
    return next((one.tool for one in known if one.form.match(line.text)), "")


def _is_statement(lines: Sequence[Line], number: int) -> bool:
    """Whether a line says that the file is generated, and no line nearby says that people edit the file."""
    text = lines[number].text
    near = " ".join(line.text for line in lines[max(0, number - _NEAR_LINES) : number + _NEAR_LINES])
    told = _STATEMENT.match(text) or (_NAMES_GENERATOR.match(text) and _FORBIDS_EDITING.search(near))
    return bool(told) and not _HAND_EDITED.search(near)


def _is_example(lines: Sequence[Line], number: int) -> bool:
    """Whether a line is set off from the text before it, like a quotation."""
    before = next((one for one in reversed(lines[:number]) if one.text), None)
    if before is None or before.text.startswith("<"):
        return False
    apart = not lines[number - 1].text
    return lines[number].indent > before.indent + 1 or (apart and before.text.endswith((":", ",")))


def _follows_an_end(lines: Sequence[Line], number: int) -> bool:
    """Whether the line above is empty or complete.

    A complete line ends a sentence, is a pair such as `Author: name`, or is a directive.
    """
    before = lines[number - 1].text if number else ""
    return bool(_ENDS.search(before) or _PAIR.match(before) or _COMMAND.match(before))


def _is_own(lines: Sequence[Line], number: int) -> bool:
    """Whether a line is not part of the sentence on the line above or on the line below."""
    if _follows_an_end(lines, number):
        return True
    behind = lines[number + 1].text if number + 1 < len(lines) else ""
    goes_on = behind[:1].islower() and not _PAIR.match(behind)
    return not goes_on and not _LEADS_IN.search(lines[number - 1].text)


def _shown(line: str, tool: str) -> str:
    said = line[:_MAX_SHOWN].rstrip()
    known = not tool or tool.lower() in said.lower()
    return said if known else f"{said} ({tool})"
