"""Reads the comments that precede the first code of a file, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
_BLOCKS = {
    b"/*": b"*/", b"<!--": b"-->", b"{-": b"-}", b"(*": b"*)", b"--[[": b"]]", b"<#": b"#>", b"#|": b"|#",
    b"=begin": b"\n=end",
}  # fmt: skip
_DOCSTRINGS = (b'"""', b"'''")
_BLOCK = re.compile(b"|".join(map(re.escape, sorted(_BLOCKS, key=len, reverse=True))))
_PREPROCESSED = frozenset({
    *("c", "h", "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "inl", "ipp", "tcc", "cu", "cs", "m"),
    *("mm", "idl", "swift", "pas"),
})  # fmt: skip
"""Extensions of files in which `#` begins a directive, not a comment."""
_SLASHES = re.compile(rb"//+[!/]?")
_SIGNS = re.compile(rb"//+[!/]?|#+(?!!?\[)|--+|;+|%+|dnl\b|(?i:rem\b)|::")
_OF_LANGUAGE = {"vb": re.compile(rb"'+"), "bas": re.compile(rb"'+"), "vim": re.compile(rb'"+')}
_OF_LANGUAGE["txt"] = re.compile(rb"#+")  # In plain text, other comment signs are in quoted code.
_OF_LANGUAGE |= {name: re.compile(rb"!+") for name in ("f", "f90", "f95", "f03", "f08", "for")}
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

_AS_TEXT = frozenset({"md", "markdown", "mdx", "rst", "rest", "tex", "textile"})
"""Extensions of files in which `#` or `%` at the beginning of a line is not a comment."""


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
    extension = path.rpartition("/")[2].rpartition(".")[2].lower()
    head = text[:MAX_BYTES]
    directives = extension in _PREPROCESSED
    leader = _OF_LANGUAGE.get(extension, _SLASHES if directives else _SIGNS)
    place = 0
    for _ in range(_MAX_COMMENTS):
        start = _skipped(head, place, directives)
        if (block := _BLOCK.match(head, start)) is not None:
            inner, stop, place = _block(head, start, block[0], _BLOCKS[block[0]])
            if wanted.search(head, inner, stop):
                yield Comment(_lines_of_block(head, start, inner, stop))
        elif head[start : start + 3] in _DOCSTRINGS:
            inner, stop, place = _block(head, start, head[start : start + 3], head[start : start + 3])
            if wanted.search(head, inner, stop):
                yield Comment(_lines_of_block(head, start, inner, stop), docstring=True)
        elif extension not in _AS_TEXT and leader.match(head, start) is not None:
            places = _run(head, start, leader)
            place = places[-1][2]
            if wanted.search(head, start, place):
                yield Comment(tuple(_line(head[inner:end], head[at:end]) for at, inner, end in places))
        else:
            return


def _skipped(head: bytes, place: int, directives: bool) -> int:
    """The offset after the white space and the preamble that begin at `place`."""
    while True:
        found = _SPACE.match(head, place)
        place = found.end() if found else place
        preamble = _PREAMBLE.match(head, place) or (_DIRECTIVE.match(head, place) if directives else None)
        if preamble is None:
            return place
        place = preamble.end()


def _block(head: bytes, start: int, sign: bytes, end: bytes) -> tuple[int, int, int]:
    """Three offsets in a delimited comment: where its content begins, where its content ends, and its end."""
    inner = start + len(sign)
    stop = head.find(end, inner)
    stop = len(head) if stop < 0 else stop
    return inner, stop, min(stop + len(end), len(head))


def _lines_of_block(head: bytes, start: int, inner: int, stop: int) -> tuple[Line, ...]:
    first, *others = head[inner:stop].split(b"\n")
    return (_line(first, head[start:inner] + first), *(_line(line, line) for line in others))


def _run(head: bytes, start: int, leader: re.Pattern[bytes]) -> list[tuple[int, int, int]]:
    """Consecutive line comments, each as three offsets: the comment sign, the content and the line's end."""
    found = []
    place = start
    while (sign := leader.match(head, place)) is not None:
        end = head.find(b"\n", place)
        end = len(head) if end < 0 else end
        found.append((place, sign.end(), end))
        place = _BLANKS.match(head, min(end + 1, len(head))).end()  # type: ignore[union-attr]  # matches always
    return found


def _line(content: bytes, raw: bytes) -> Line:
    content, raw = content[:_MAX_LINE_BYTES], raw[:_MAX_LINE_BYTES]
    body = content.lstrip()
    indent = len(content) - len(body)
    if (mark := _DECORATION.match(body)) is not None:
        inner = body[mark.end() :]
        body = inner.lstrip()
        indent = len(inner) - len(body)
    body = _DECORATION_BEHIND.sub(b"", body.rstrip()).rstrip()
    return Line(body.decode("utf-8", "replace"), indent, " ".join(raw.decode("utf-8", "replace").split()))
