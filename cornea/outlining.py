"""Formats the outlines of files: as one JSON object, as trees for people, or in a budget for agents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click
from msgspec import UNSET

from indexer.analysis.outline import Outline
from indexer.fragment import Fragment, Symbol
from retrieval.agent_text.outlines import OutlinedFile, of_outline, outlines_text
from retrieval.typed_json import encode

from .presentation import plain
from .presentation.json_reports import DefinitionRow, FailedFile, FileOutline, FragmentRow

Failed = tuple[str, str]
"""The path of a file without an outline, and the reason."""


class AsJson:
    """Formats one JSON object part by part. Call `row` for each file, and then `end`."""

    def __init__(self) -> None:
        self._begun = False

    def row(self, outline: Outline) -> str:
        """The text for one file."""
        before, self._begun = self._before(), True
        return before + json.dumps(encode(_row(outline)))

    def end(self, failed: Sequence[Failed]) -> str:
        """The text after the last file. It lists the `failed` files, which have no outline."""
        rows = encode([FailedFile(path, error) for path, error in failed])
        more = f', "failed": {json.dumps(rows)}' if rows else ""
        return ("" if self._begun else self._before()) + f"]{more}}}\n"

    def _before(self) -> str:
        return ", " if self._begun else '{"results": ['


def _row(outline: Outline) -> FileOutline:
    fragments = [
        FragmentRow(*_place_of(one.symbol, one), one.text, list(one.defines) or UNSET)
        for one in outline.fragments
    ]
    definitions = [DefinitionRow(*_place_of(one.name, one)) for one in outline.definitions]
    return FileOutline(outline.path, outline.language, definitions, fragments, outline.unparsed or UNSET)


def _place_of(symbol: str, one: Symbol | Fragment) -> tuple[str, Any, int, int]:
    return symbol, one.kind, one.span.start_line, one.span.end_line


class AsText:
    """Formats a tree of definitions for each file. A file without definitions is shown as its fragments."""

    def __init__(self, color: bool) -> None:
        self._color = color
        self._begun = False

    def row(self, outline: Outline) -> str:
        """The text for one file."""
        blank, self._begun = "\n" if self._begun else "", True
        head = self._style(plain.name(outline.path), fg="magenta", bold=True)
        lines = [f"{head}  {self._style(outline.language, dim=True)}", *self._lines(outline)]
        return blank + "\n".join(lines) + "\n"

    def end(self, failed: Sequence[Failed]) -> str:
        """The empty text, because the errors of files without an outline were printed to stderr."""
        return ""

    def _lines(self, outline: Outline) -> Iterator[str]:
        rows: list[tuple[str, Symbol | Fragment]] = list(_tree(outline.definitions))
        rows = rows or [(one.symbol, one) for one in outline.fragments]
        width = max((len(_place(one)) for _, one in rows), default=0)
        kinds = max((len(one.kind) for _, one in rows), default=0)
        for name, one in rows:
            place = self._style(f"{_place(one):>{width}}", fg="green")
            kind = self._style(f"{one.kind:{kinds}}", dim=True)
            yield f"  {place}  {kind}  {plain.name(name)}".rstrip()

    def _style(self, text: str, **styles: Any) -> str:
        return click.style(text, **styles) if self._color else text


class ForAgent:
    """Formats the outlines of all files together, in a number of tokens."""

    def __init__(self, max_tokens: int) -> None:
        self._max_tokens = max_tokens
        self._files: list[OutlinedFile] = []

    def row(self, outline: Outline) -> str:
        """The empty text, because how much of a file is shown depends on the others."""
        self._files.append(of_outline(outline))
        return ""

    def end(self, failed: Sequence[Failed]) -> str:
        """The text of all files. The errors of the others were printed to stderr."""
        return outlines_text(self._files, self._max_tokens) + "\n" if self._files else ""


def _tree(definitions: Sequence[Symbol]) -> Iterator[tuple[str, Symbol | Fragment]]:
    """Each definition with the name to show for it.

    The name is indented below the enclosing definition, and does not repeat the enclosing definition's name.
    """
    around: list[Symbol] = []
    for one in definitions:
        while around and not _is_inside(one, around[-1]):
            around.pop()
        outer = f"{around[-1].name}." if around else ""
        yield "  " * len(around) + one.name.removeprefix(outer), one
        around.append(one)


def _is_inside(one: Symbol, other: Symbol) -> bool:
    """Whether `one` is inside `other`. The caller ensures that `other` does not begin after `one`.

    Definitions of one statement have equal spans. Of these, only one with a longer qualified name is inside.
    """
    if one.span == other.span:
        return one.name.startswith(f"{other.name}.")
    return one.span.start_byte < other.span.end_byte


def _place(one: Symbol | Fragment) -> str:
    first, last = one.span.start_line, one.span.end_line
    return str(first) if first == last else f"{first}-{last}"
