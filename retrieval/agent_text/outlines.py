"""Outlines of files as text for agents: the line of each definition, the outer ones first if not all fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..escaping import code
from ..signature import named_line
from .answers import NOTHING, first_fitting, noted
from .layout import HEADER, label, numbered
from .tokens import BYTES_PER_TOKEN, DEFAULT_TOKENS, size

if TYPE_CHECKING:
    from indexer.analysis.outline import Outline

    from ..host.answers import OutlineAnswer

_CODE_KINDS = ("class", "type", "function", "method", "macro")
"""The kinds that are shown before constants, variables and fields."""
_LOOKED_AT = 30
"""Lines of a definition in which its name is looked for, below decorators and a comment."""


@dataclass(frozen=True, slots=True)
class OutlinedDefinition:
    """A definition from line `start` to line `end`, counted from 1."""

    symbol: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OutlinedFile:
    """A file's definitions, and its lines by number. Blank lines may be missing."""

    path: str
    language: str
    definitions: Sequence[OutlinedDefinition]
    lines: Mapping[int, str]


def of_outline(outline: Outline) -> OutlinedFile:
    """The outline of a file on disk. A file without definitions has its fragments instead."""
    lines = {
        one.span.start_line + n: line
        for one in outline.fragments
        for n, line in enumerate(one.text.rstrip("\n").split("\n"))
    }
    rows = [(one.name, one.kind, one.span) for one in outline.definitions]
    rows = rows or [(one.symbol, one.kind, one.span) for one in outline.fragments]
    found = [OutlinedDefinition(name, kind, span.start_line, span.end_line) for name, kind, span in rows]
    return OutlinedFile(outline.path, outline.language, found, lines)


def of_buffer(path: str, answer: OutlineAnswer, text: str) -> OutlinedFile:
    """The outline of a text that a host has answered."""
    found = [OutlinedDefinition(d.symbol, d.kind, d.start[0], d.end[0]) for d in answer.definitions]
    return OutlinedFile(path, answer.language, found, dict(enumerate(text.split("\n"), 1)))


def outlines_text(
    files: Iterable[OutlinedFile], max_tokens: int = DEFAULT_TOKENS, notes: Sequence[str] = ()
) -> str:
    """The definitions of files, each by its line, at most `max_tokens` long.

    If not all fit, those inside other definitions, and then constants and the like, are left out first, and
    the first line says how many. Raises ValueError if `max_tokens` is less than 1.
    """
    limit = max_tokens * BYTES_PER_TOKEN
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    found = [(file, _rows(file)) for file in files]
    total = sum(len(rows) for _, rows in found)
    said = noted(notes, limit)
    left = limit - sum(size(line) + 1 for line in said)
    if not total:
        return "\n".join([*said, *first_fitting((NOTHING, "none", "no"), left)])
    everything = _fitting(found, left)
    if _count(everything) < total:
        reserved = size(_left_out(total, total)) + 1
        everything = _fitting(found, left - reserved)
        if not everything:
            needed = f"budget too small: {total} definitions"
            return "\n".join([*said, *first_fitting((needed, "budget too small", "too small", "few"), left)])
        said.append(_left_out(total - _count(everything), total))
    lines = [*said, HEADER]
    for path, rows in everything.items():
        lines += [label(path), *(rows[number] for number in sorted(rows))]
    return "\n".join(lines)


def _left_out(count: int, total: int) -> str:
    return f"note: {count} of {total} definitions do not fit"


def _count(shown: Mapping[str, Mapping[int, str]]) -> int:
    return sum(map(len, shown.values()))


def _rows(file: OutlinedFile) -> list[tuple[tuple[bool, int], int, str]]:
    """For each line with a definition, what it comes after if space is short, its number, and its text."""
    found: dict[int, tuple[tuple[bool, int], int, str]] = {}
    around: list[OutlinedDefinition] = []
    for one in file.definitions:
        while around and one.end > around[-1].end:
            around.pop()
        number = _line_of(one, file)
        text = numbered(number, file.lines.get(number, code(one.symbol)))
        found.setdefault(number, ((one.kind not in _CODE_KINDS, len(around)), number, text))
        around.append(one)
    return list(found.values())


def _line_of(one: OutlinedDefinition, file: OutlinedFile) -> int:
    last = min(one.end, one.start + _LOOKED_AT)
    lines = [file.lines.get(number, "") for number in range(one.start, last + 1)]
    place = named_line(lines, one.symbol, file.language)
    return one.start + (place or 0)


def _fitting(
    found: Sequence[tuple[OutlinedFile, Sequence[tuple[tuple[bool, int], int, str]]]], limit: int
) -> dict[str, dict[int, str]]:
    """For each file, the lines that fit, by number. Outer definitions are taken first."""
    shown: dict[str, dict[int, str]] = {}
    used = size(HEADER) + 1
    order = sorted(
        (
            (rank, place, file.path, number, text)
            for place, (file, rows) in enumerate(found)
            for rank, number, text in rows
        ),
        key=lambda row: (row[0], row[1]),
    )
    for _, _, path, number, text in order:
        more = size(text) + 1 + (0 if path in shown else size(label(path)) + 1)
        if used + more <= limit:
            used += more
            shown.setdefault(path, {})[number] = text
    places = {file.path: n for n, (file, _) in enumerate(found)}
    return dict(sorted(shown.items(), key=lambda row: places[row[0]]))
