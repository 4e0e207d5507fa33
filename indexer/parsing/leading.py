"""Reads the comments that precede the first code of a file, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from . import profiles
from .languages import profile_of
from .profiles import LanguageProfile

MAX_BYTES = 65_536
"""The number of bytes at the top of a file that are examined.

The number is large because generators copy whole interfaces into comments.
"""
_MAX_COMMENTS = 200
"""The number of comments at the top of a file that are examined."""
_MAX_LINE_BYTES = 500
"""The number of bytes at the start of a comment line that are kept."""

_SPACE = re.compile(rb"\s*")
_BLANKS = re.compile(rb"[ \t]*")
_DOCSTRINGS = (b'"""', b"'''")
_OTHER_SIGN = "dnl"
"""The token of line comments in Autoconf's files, which have no profile."""
_IN_CODE = ('"', "'", "!")
"""Tokens of line comments that begin code in most languages."""
_OPTIONAL = ("#=", "#[[", "%{", "////")
"""Tokens of block comments that begin a line comment in most languages."""
_DIRECTIVES = frozenset({"idl", "pas", "tcc"})
"""Extensions of files without a profile in which `#` begins a directive, not a comment."""
_AS_TEXT = frozenset({"md", "markdown", "mdx", "rst", "rest", "tex", "textile"})
"""Extensions of files in which `#` or `%` at the beginning of a line is not a comment."""
# The next two patterns match text that may stand before the first comment and is not code: a line that names
# an interpreter, a declaration of the format, an include guard, or a preprocessor directive without a body.
_PREAMBLE = re.compile(
    rb"#!.*|<\?xml\b[^>]*\?>|<!DOCTYPE\b[^>]*>|<\?php\b|<\?(?=\s)|@echo off\b|(['\"])use strict\1;?"
    rb"|#!?\[.*\][ \t\r]*$",
    re.MULTILINE | re.IGNORECASE,
)
_DIRECTIVE = re.compile(
    rb"#[ \t]*(?:(?:ifndef|pragma|line|region|nullable)\b.*"
    rb"|define[ \t]+(?:\w+(?:[ \t]+1)?[ \t\r]*$|YY_INT_ALIGNED\b.*))",
    re.MULTILINE,
)
_DECORATION = re.compile(rb"[*|#=!+~-]+(?=[\s*|#=!+~-]|$)|\*+")
_DECORATION_BEHIND = re.compile(rb"(?:\s+[*|#=!+~-]+|[*|#=~-]{3,})$|\s*(?:\*/|-->|-\}|\*\))$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comment: its text without comment signs, its indentation, and the raw line."""

    text: str
    indent: int
    raw: str


@dataclass(frozen=True, slots=True)
class Comment:
    """The lines of one comment. `docstring` says that a string stands in the place of the comment."""

    lines: tuple[Line, ...]
    docstring: bool = False


def comments(text: bytes, path: str, wanted: re.Pattern[bytes]) -> Iterator[Comment]:
    """The comments that precede the first code of a file and contain `wanted`, in file order."""
    profile, extension = profile_of(path), path.rpartition("/")[2].rpartition(".")[2].lower()
    head = text[:MAX_BYTES]
    directives = profile.directives or extension in _DIRECTIVES
    leader, opener, closing = _signs(profile, extension)
    place = 0
    for _ in range(_MAX_COMMENTS):
        start = _skipped(head, place, directives)
        if (block := opener.match(head, start)) is not None:
            end = closing[block[0]]
            stop = head.find(end, block.end())
            stop = len(head) if stop < 0 else stop
            place = min(stop + len(end), len(head))
            first, *others = head[start:stop].split(b"\n")
            lines = [(first, len(block[0])), *((line, 0) for line in others)]
        elif leader.match(head, start) is not None:
            lines, place = _run(head, start, leader)
        else:
            return
        if wanted.search(head, start, place):
            yield Comment(
                tuple(_line(raw, sign) for raw, sign in lines),
                docstring=block is not None and block[0] in _DOCSTRINGS,
            )


_Signs = tuple[re.Pattern[bytes], re.Pattern[bytes], dict[bytes, bytes]]


@cache
def _signs(profile: LanguageProfile, extension: str) -> _Signs:
    """Patterns of the signs that begin a line comment and a block comment, and the end of each block comment.

    A docstring counts as a block comment. Generators often write the same header into files of all languages,
    whether the language has such comments or not, so the signs of all languages count unless they may be
    something else.
    """
    if extension in _AS_TEXT:
        lines: Iterable[str] = ()
    elif extension == "txt":  # In plain text, other comment signs are in quoted code.
        lines = ("#",)
    elif profile.directives or extension in _DIRECTIVES:
        lines = ("//",)
    elif set(profile.line_comments) & set(_IN_CODE):
        lines = profile.line_comments
    else:
        known = profiles.words("line_comments").difference(_IN_CODE)
        lines = (_OTHER_SIGN, *sorted(known, key=len, reverse=True))
    every = (pair for one in profiles.every() for pair in one.comment_pairs if pair[0] not in _OPTIONAL)
    closing = {
        opening.encode(): (b"\n" if opening.startswith("=") else b"") + end.encode()
        for opening, end in (*every, *profile.comment_pairs)
    }
    closing |= {quotes: quotes for quotes in _DOCSTRINGS}
    openings = sorted(closing, key=len, reverse=True)
    return _any(map(_repeated, lines)), _any(map(re.escape, openings)), closing


def _any(patterns: Iterable[bytes]) -> re.Pattern[bytes]:
    """Matches what one of the patterns matches; nothing if there are none."""
    return re.compile(b"|".join(patterns) or rb"(?!)")


def _repeated(sign: str) -> bytes:
    """A pattern of a comment sign, repeated or decorated. Attributes (`#[...]`) are no comments."""
    pattern = re.escape(sign).encode()
    if sign.isalpha():
        return rb"(?i:%s\b)" % pattern
    ends = {"//": rb"[!/]?", "#": rb"(?!!?\[)"}
    return pattern + b"+" + ends.get(sign, b"") if len(set(sign)) == 1 else pattern


def _skipped(head: bytes, place: int, directives: bool) -> int:
    """The offset after the white space and the preamble that begin at `place`."""
    while True:
        place = _SPACE.match(head, place).end()  # type: ignore[union-attr]  # matches always
        preamble = _PREAMBLE.match(head, place) or (_DIRECTIVE.match(head, place) if directives else None)
        if preamble is None:
            return place
        place = preamble.end()


def _run(head: bytes, place: int, leader: re.Pattern[bytes]) -> tuple[list[tuple[bytes, int]], int]:
    """The consecutive line comments at `place`, each with the length of its sign, and the end of the last."""
    found = []
    end = place
    while (sign := leader.match(head, place)) is not None:
        end = head.find(b"\n", place)
        end = len(head) if end < 0 else end
        found.append((head[place:end], sign.end() - place))
        place = _BLANKS.match(head, min(end + 1, len(head))).end()  # type: ignore[union-attr]  # matches always
    return found, end


def _line(raw: bytes, sign: int) -> Line:
    """The line `raw` of a comment, which begins with a comment sign of `sign` bytes."""
    content, raw = raw[sign:][:_MAX_LINE_BYTES], raw[:_MAX_LINE_BYTES]
    body = content.lstrip()
    indent = len(content) - len(body)
    if (mark := _DECORATION.match(body)) is not None:
        inner = body[mark.end() :]
        body = inner.lstrip()
        indent = len(inner) - len(body)
    body = _DECORATION_BEHIND.sub(b"", body.rstrip()).rstrip()
    return Line(body.decode("utf-8", "replace"), indent, " ".join(raw.decode("utf-8", "replace").split()))
