"""Finds definitions by their first words, for code that a grammar cannot parse.

In SQL, this is needed because dialects differ most in the bodies of routines. In C, it is needed because code
from before 1989 omits types that the grammar requires.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..fragment import Kind


@dataclass(frozen=True, slots=True)
class HeadDefinition:
    """A definition's plain name and kind, and its byte range from the first word to the end of its body."""

    name: str
    kind: Kind
    start: int
    end: int


def heads(text: bytes, language: str) -> list[HeadDefinition]:
    """The definitions of a UTF-8 text that are recognised by their first words, in file order.

    Only definitions in C and SQL are recognised. Returns an empty list for other languages.
    """
    read = _READERS.get(language)
    return list(read(text)) if read else []


_SQL_PART = rb"(?:\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\]|@\w+@|[\w$#{}&]+)"
_SQL_NAME = rb"(" + _SQL_PART + rb"(?:\s*\.\s*" + _SQL_PART + rb")*)"
_SQL_CREATE = re.compile(
    rb"^[ \t]*CREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?"
    rb"(?:(?:NON)?EDITIONABLE\s+|DEFINER\s*=\s*\S+\s+|CONSTRAINT\s+)*"
    rb"(FUNCTION|PROCEDURE|PROC|TRIGGER|PACKAGE\s+BODY|PACKAGE|TYPE\s+BODY)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    + _SQL_NAME,
    re.MULTILINE | re.IGNORECASE,
)
_SQL_MEMBER = re.compile(
    rb"^[ \t]*(?:(?:MEMBER|STATIC|CONSTRUCTOR|MAP|ORDER|OVERRIDING)\s+)*(?:FUNCTION|PROCEDURE)\s+"
    + _SQL_NAME,
    re.MULTILINE | re.IGNORECASE,
)
_SQL_TOKEN = re.compile(
    rb"--[^\n]*|/\*(?:.*?\*/|.*\Z)|'(?:[^']|'')*+(?:'|\Z)"
    rb"|(?P<body>\$(?P<tag>\w*)\$(?:.*?\$(?P=tag)\$|.*\Z))|(?P<quoted>\bAS\s+E?'(?:[^']|'')*+(?:'|\Z))"
    rb"|(?P<open>\()|(?P<close>\))"
    rb"|(?P<last>^[ \t]*(?:/|GO)[ \t]*\r?$)|(?P<end>\bEND\b(?:[ \t]+(?:IF|LOOP|WHILE|REPEAT)\b)?)"
    rb"|\b(?P<word>BEGIN|CASE|IS|AS)\b|(?P<stop>;)",
    re.MULTILINE | re.IGNORECASE | re.DOTALL,
)


def _sql(text: bytes) -> Iterator[HeadDefinition]:
    found = list(_SQL_CREATE.finditer(text))
    limits = [*(match.start() for match in found[1:]), len(text)]
    for match, limit in zip(found, limits, strict=False):
        what = b" ".join(match[1].upper().split())
        name, start = _sql_name(match[2]), match.start()
        if what in {b"PACKAGE", b"PACKAGE BODY", b"TYPE BODY"}:
            end = _before(text, limit)
            yield HeadDefinition(name, "class", start, end)
            yield from _members(text, match.end(), end)
        else:
            yield HeadDefinition(name, "function", start, _routine_end(text, match.end(), limit)[0])


def _members(text: bytes, position: int, limit: int) -> Iterator[HeadDefinition]:
    """The routines with a body in a package or type."""
    while match := _SQL_MEMBER.search(text, position, limit):
        position, defined = _routine_end(text, match.end(), limit)
        if defined:
            yield HeadDefinition(_sql_name(match[1]), "function", match.start(), position)


def _routine_end(text: bytes, start: int, limit: int) -> tuple[int, bool]:
    """The end of the routine whose name ends at `start`, and whether it has a body."""
    depth = parentheses = 0
    defined = begun = False
    for token in _SQL_TOKEN.finditer(text, start, limit):
        kind, word = token.lastgroup, token[0].upper()
        if kind in {"open", "close"}:
            parentheses += 1 if kind == "open" else -1
        elif kind in {"body", "quoted"}:
            defined = begun = True
        elif kind == "word":
            depth += word in {b"BEGIN", b"CASE"}
            begun |= word == b"BEGIN"
            defined |= parentheses == 0
        elif kind == "end":
            depth -= len(word.split()) == 1
        elif kind == "last":
            return token.start(), defined
        elif kind == "stop" and depth <= 0 and (begun or not defined):
            return token.end(), defined
    return _before(text, limit), defined


def _before(text: bytes, limit: int) -> int:
    """The offset of the line end after the last line before `limit` that has code.

    Blank lines, separators such as `/` and comments are not code.
    """
    while limit > 0:
        start = text.rfind(b"\n", 0, limit - 1) + 1
        line = text[start:limit].strip()
        if line and line.upper() not in {b"/", b"GO"} and not line.startswith(b"--"):
            break
        limit = start
    return limit


def _sql_name(name: bytes) -> str:
    parts = [part.strip(b'"`[] \t\r\n') for part in name.split(b".")]
    return b".".join(part for part in parts if not part.startswith(b"@")).decode("utf-8", "replace")


# Matches the head of a function that has no return type and declares its parameters after the parentheses:
# `main(argc, argv) char **argv; {`.
_C_UNTYPED = re.compile(
    rb"^([A-Za-z_]\w*)[ \t]*\(([\w\s,]*)\)[ \t]*(?:/\*[^\n]*\*/[ \t]*)?\r?\n"
    rb"((?:[ \t]*[A-Za-z_][\w\s*,\[\]]*;[^\n;{}]*\n)*)[ \t]*\{",
    re.MULTILINE,
)
_C_WORDS = frozenset(b"if while for switch else return sizeof do".split())
_C_END = re.compile(rb"^\}", re.MULTILINE)


def _c(text: bytes) -> Iterator[HeadDefinition]:
    for match in _C_UNTYPED.finditer(text):
        end = _C_END.search(text, match.end())
        if match[1] not in _C_WORDS and end is not None:
            yield HeadDefinition(match[1].decode(), "function", match.start(), end.end())


# A text with syntax errors in one of these languages is not parsed in parts, because the first words of
# definitions are enough to find as many definitions.
BY_HEADS = frozenset({"sql"})

_READERS: dict[str, Callable[[bytes], Iterator[HeadDefinition]]] = {"sql": _sql, "c": _c}
