"""The outline of a file: its definitions, declarations and fragments, as the index has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ..fragment import DeclarationKind, Fragment, Kind, Span, Symbol
from ..parsing.definitions import Declaration, Definition
from ..parsing.languages import BY_NAME, language_of
from ..parsing.profiles import LanguageProfile
from ..parsing.source import Source
from ..parsing.split import SplitResult, split_file
from .fragments import fragments_of

if TYPE_CHECKING:
    from tree_sitter import Node

_LETTER = re.compile(rb"[\w\x80-\xff]")
_SIGNATURE = 4096
"""Number of bytes at the start of a definition that are searched for its name."""
_WITHIN = ("definition", "declaration", "declarator")
"""Fields that lead to the node with a `name` field, past decorators, `export` and C's pointers."""
_DEEPEST = 10
"""Number of nodes that are searched for a `name` field, from a definition's node inwards."""
_GO_CLASSES = frozenset({"struct_type", "interface_type"})


@dataclass(frozen=True, slots=True)
class Outline:
    """The definitions, declarations and fragments of a file, in file order.

    `definitions` includes the declarations; an outer definition comes before the definitions inside it.
    `unparsed` says why there are no definitions although the language has a grammar.
    """

    path: str
    language: str
    definitions: tuple[Symbol, ...]
    fragments: tuple[Fragment, ...]
    unparsed: str = ""


def outline(source: Source) -> Outline:
    """The outline of one file."""
    path = source.file.path
    language = language_of(source.file, source.text)
    grammar = BY_NAME.get(language)
    found = split_file(source.text, grammar)
    symbols = symbols_of(source, found, grammar)
    for one in found.scripts:
        symbols += symbols_of(source, one.result, BY_NAME[one.language], one.start, one.line)
    fragments = fragments_of(source, "", language, found.pieces)
    return Outline(path, language, tuple(symbols), tuple(fragments), found.unparsed)


def symbols_of(
    source: Source, found: SplitResult, language: LanguageProfile | None, byte: int = 0, line: int = 0
) -> list[Symbol]:
    """The definitions and declarations of a text.

    For a script, `byte` and `line` are the place in the page where the script begins, counted from 0.
    """
    if found.parsed is None or language is None:
        return []
    lines = found.parsed.lines

    def span(start: int, end: int) -> Span:
        last = start + len(lines.text[start:end].rstrip()) - 1
        first, last = lines.at(start) + 1 + line, lines.at(max(last, start)) + 1 + line
        return source.span(start + byte, end + byte, first, last)

    every: list[Definition | Declaration] = [*found.parsed.symbols, *found.declared]
    symbols = []
    for one in every:
        kind = _kind(one, lines.text, language) if isinstance(one, Definition) else one.kind
        name_span = span(*_place_of_name(one, lines.text))
        symbols.append(Symbol(one.name, kind, span(one.start, one.end), name_span))
    return sorted(symbols, key=lambda one: (one.span.start_byte, -one.span.end_byte))


def _kind(one: Definition, text: bytes, language: LanguageProfile) -> Kind | DeclarationKind:
    """The kind of a definition.

    Types and macros, which are cut like classes and functions, get their own kind.
    """
    node = one.nodes[0]
    while node.type in language.wrappers and node.named_children:
        node = node.named_children[-1]
    if node.type == "type_spec" and language.name == "go":
        inner = node.child_by_field_name("type")
        return one.kind if inner is None or inner.type in _GO_CLASSES else "type"
    if language.name == "elixir" and text.startswith(b"defmacro", node.start_byte):
        return "macro"
    kinds = dict(zip(language.kinds[::2], language.kinds[1::2], strict=True))
    return cast("Kind | DeclarationKind", kinds.get(node.type, one.kind))


def _place_of_name(one: Definition | Declaration, text: bytes) -> tuple[int, int]:
    """The range of bytes at which the last part of a definition's name is written.

    If the name is not written, as in some of Kotlin's companion objects, the range is empty, at the start of
    the definition after its decorators.
    """
    name = one.name.rpartition(".")[2].encode()
    start = one.start
    if isinstance(one, Definition):
        node = one.nodes[0]
        start = max(start, node.start_byte)
        named = _name_node(node)
        if named is not None and text[named.start_byte : named.end_byte] == name:
            first, last = named.start_byte, named.end_byte
            if start <= first < last <= one.end:  # does not hold in a tree with errors
                return first, last
    found = _word(text, name, start, min(one.end, start + _SIGNATURE)) if name else None
    return found or (start, start)


def _word(text: bytes, name: bytes, start: int, end: int) -> tuple[int, int] | None:
    """The first range at which `name` is a whole word between `start` and `end`.

    Returns None if there is none.
    """
    place = text.find(name, start, end)
    while place >= 0:
        last = place + len(name)
        if not _LETTER.match(text, place - 1, place) and not _LETTER.match(text, last, last + 1):
            return place, last
        place = text.find(name, place + 1, end)
    return None


def _name_node(node: Node) -> Node | None:
    """The node that holds a definition's name. Returns None if the grammar has no field for the name."""
    inner = node
    for _ in range(_DEEPEST):
        if (named := inner.child_by_field_name("name")) is not None:
            return named
        within = next(filter(None, map(inner.child_by_field_name, _WITHIN)), None)
        if within is None:
            return inner if inner is not node else None
        inner = within
    return None
