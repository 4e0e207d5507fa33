"""Reads SQL tables (with their columns), views and domains without a grammar.

No grammar knows what all dialects allow after the name of a table. But the columns of a table are always a
list in parentheses, and each column begins with its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .definitions import Declaration
from .names import plain

_PART = rb"(?:[\w$]+|\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\])"
_CREATE = re.compile(
    rb"^[ \t]*CREATE\s+(?:OR\s+REPLACE\s+)?"
    rb"(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|FOREIGN|EXTERNAL|MATERIALIZED|RECURSIVE|VIRTUAL)\s+)*"
    rb"(TABLE|VIEW|DOMAIN)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rb"((?:@\w+@\.)?" + _PART + rb"(?:\." + _PART + rb")*)(?=[\s(;])",
    re.MULTILINE | re.IGNORECASE,
)
# The list of columns of a table, or of one like SQLite's `CREATE VIRTUAL TABLE docs USING fts5(title)`.
_LIST = re.compile(rb"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:USING\s+\w+\s*)?\(", re.DOTALL | re.IGNORECASE)
_TOKEN = re.compile(
    rb"(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))|(?P<text>'(?:[^']|'')*+(?:'|\Z))"
    rb"|(?P<word>" + _PART + rb")|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<stop>;)|(?P<other>.)",
    re.DOTALL,
)
# A list entry that begins with one of these words is not a column.
_CONSTRAINTS = frozenset(b"CONSTRAINT PRIMARY UNIQUE CHECK FOREIGN EXCLUDE LIKE".split())
# A list that begins with one of these words is a query, not a list of columns.
_QUERIES = re.compile(rb"\s*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
# A list entry that begins with one of these words is an index only if a list of columns follows. Thus,
# `KEY name (a)` is an index, but `key varchar(20)` is a column.
_INDEXES = frozenset(b"KEY INDEX FULLTEXT SPATIAL PERIOD".split())
_INDEXED = re.compile(
    rb"\s+(?:(?:INDEX|KEY|FOR)\s+)?(?:" + _PART + rb"\s*)?(?:USING\b|\(\s*[^\s\d)])|\s*\(", re.IGNORECASE
)


def tables(text: bytes) -> Iterator[Declaration]:
    """The tables, views and domains that a UTF-8 text creates. A table is followed by its columns."""
    for match in _CREATE.finditer(text):
        stop = text.find(b";", match.end())
        what = match[1].upper()
        name = _plain(match[2])
        end = stop + 1 if stop >= 0 else len(text)
        yield Declaration(name, "type" if what == b"DOMAIN" else "class", match.start(), end)
        if what == b"TABLE" and (opening := _LIST.match(text, match.end())):
            for start, end, last in _columns(text, opening.end()):
                yield Declaration(f"{name}.{_plain(text[start:end])}", "field", start, last)


def _plain(name: bytes) -> str:
    return plain(name.decode("utf-8", "replace"), "sql")


def _columns(text: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """The columns of the list that begins at `start`: the byte range of the name, and the end of the column.

    A semicolon ends an unfinished list.
    """
    if _QUERIES.match(text, start):
        return
    depth, begins = 1, True
    name: tuple[int, int] | None = None
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup
        if kind == "space":
            continue
        if kind == "stop" or (kind == "comma" and depth == 1) or (kind == "close" and depth == 1):
            if name is not None:
                yield *name, token.start()
            if kind != "comma":
                return
            begins, name = True, None
            continue
        depth += (kind == "open") - (kind == "close")
        if begins and kind == "word" and _is_column(text, token):
            name = token.span()
        begins = False


def _is_column(text: bytes, token: re.Match[bytes]) -> bool:
    word = token[0].upper()
    if text[token.end() : token.end() + 2].lstrip().startswith(b"="):  # an option of a virtual table
        return False
    if word in _INDEXES:
        return _INDEXED.match(text, token.end()) is None
    return word not in _CONSTRAINTS and not word.isdigit()
