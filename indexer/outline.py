"""A file's definitions and fragments, as the index sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .declarations import Declaration
from .fragment import Fragment, Span, Symbol
from .fragments import fragments_of
from .languages import BY_NAME, language_of
from .parse import Definition
from .source import Source
from .split import Cut, cut

if TYPE_CHECKING:
    from tree_sitter import Node

_HEAD = 4096
"""Bytes of a file that tell its language where its name does not."""
_LETTER = re.compile(rb"[\w\x80-\xff]")
_SIGNATURE = 4096
"""Bytes of a definition in which its name is looked for."""
_WITHIN = ("definition", "declaration", "declarator")
"""The fields that lead from a node to the one with the name: past decorators, `export`, and C's pointers."""
_DEEPEST = 10
"""So many of them are followed."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file defines, and how it is cut; both in file order, outer definitions before inner ones.

    `unparsed` says why a file of a language with a grammar has no definitions.
    """

    path: str
    language: str
    definitions: tuple[Symbol, ...]
    fragments: tuple[Fragment, ...]
    unparsed: str = ""


def outline(source: Source) -> Outline:
    """The outline of one file."""
    path = source.file.path
    language = language_of(source.file, source.text[:_HEAD])
    found = cut(source.text, BY_NAME.get(language))
    symbols = _symbols(source, found)
    for one in found.scripts:
        symbols += _symbols(source, one.cut, one.start, one.line)
    fragments = fragments_of(source, "", language, found.pieces)
    return Outline(path, language, tuple(symbols), tuple(fragments), found.unparsed)


def _symbols(source: Source, found: Cut, byte: int = 0, line: int = 0) -> list[Symbol]:
    """What a text defines, or a script that begins at a byte and a line, from 0, of a page."""
    if found.parsed is None:
        return []
    lines = found.parsed.lines

    def span(start: int, end: int) -> Span:
        last = start + len(lines.text[start:end].rstrip()) - 1
        first, last = lines.at(start) + 1 + line, lines.at(max(last, start)) + 1 + line
        return source.span(start + byte, end + byte, first, last)

    every: list[Definition | Declaration] = [*found.parsed.symbols, *found.declared]
    symbols = []
    for one in every:
        name_span = span(*_place_of_name(one, lines.text))
        symbols.append(Symbol(one.name, one.kind, span(one.start, one.end), name_span))
    return sorted(symbols, key=lambda one: (one.span.start_byte, -one.span.end_byte))


def _place_of_name(one: Definition | Declaration, text: bytes) -> tuple[int, int]:
    """The bytes where the last part of a definition's name is written.

    Where it is not, as in Kotlin's companion objects, the place behind comments and decorators, and no bytes.
    """
    name = one.name.rpartition(".")[2].encode()
    start = one.start
    if isinstance(one, Definition):
        node = one.nodes[0]
        start = max(start, node.start_byte)
        named = _name_node(node)
        if named is not None and text[named.start_byte : named.end_byte] == name:
            first, last = named.start_byte, named.end_byte
            if start <= first < last <= one.end:  # else a tree with errors has it elsewhere
                return first, last
    found = _word(text, name, start, min(one.end, start + _SIGNATURE)) if name else None
    return found or (start, start)


def _word(text: bytes, name: bytes, start: int, end: int) -> tuple[int, int] | None:
    """The first place of a name in a range of a text, where it is no part of a longer name."""
    place = text.find(name, start, end)
    while place >= 0:
        last = place + len(name)
        if not _LETTER.match(text, place - 1, place) and not _LETTER.match(text, last, last + 1):
            return place, last
        place = text.find(name, place + 1, end)
    return None


def _name_node(node: Node) -> Node | None:
    """The node that holds a definition's name, where its grammar has a field for it."""
    inner = node
    for _ in range(_DEEPEST):
        if (named := inner.child_by_field_name("name")) is not None:
            return named
        within = next(filter(None, map(inner.child_by_field_name, _WITHIN)), None)
        if within is None:
            return inner if inner is not node else None
        inner = within
    return None
