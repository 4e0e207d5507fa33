"""A file's definitions and fragments, as the index sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .declarations import Declaration
from .fragment import Fragment, Symbol
from .fragments import fragments_of
from .languages import BY_NAME, name_of
from .parse import Definition, Parsed
from .source import Source
from .split import cut

_HEAD = 4096
"""Bytes of a file that tell its language where its name does not."""


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
    language = source.file.language or name_of(path, source.text[:_HEAD])
    found = cut(source.text, BY_NAME.get(language))
    symbols = _symbols(source, found.parsed, found.declared) if found.parsed else []
    fragments = fragments_of(source, "", language, found.pieces)
    return Outline(path, language, tuple(symbols), tuple(fragments), found.unparsed)


def _symbols(source: Source, parsed: Parsed, declared: Sequence[Declaration]) -> list[Symbol]:
    lines = parsed.lines
    found = []
    every: list[Definition | Declaration] = [*parsed.symbols, *declared]
    for one in every:
        last = one.start + len(lines.text[one.start : one.end].rstrip()) - 1
        span = source.span(one.start, one.end, lines.at(one.start) + 1, lines.at(max(last, one.start)) + 1)
        found.append(Symbol(one.name, one.kind, span))
    return sorted(found, key=lambda one: (one.span.start_byte, -one.span.end_byte))
