"""Formats hits as lines of text for people, editors and programs. This module prints nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import click

from retrieval.names import parts_of, without_signs
from retrieval.result import Excerpt, Hit
from retrieval.signature import named_line

from . import plain
from .highlight import Matcher, nothing

_TAB = 4
_LEG = " score"
_SHARE_BAR = 24
_SHORTEST_SYMBOL = 12
_CODE_LINES = 3
"""Smallest number of lines that are shown from the definition's line on."""


@dataclass(frozen=True, slots=True)
class Style:
    """How to show hits to people.

    Lines are cut at `width` columns; None means that no line is cut. At most `lines` lines of each fragment
    are shown; 0 means that all are shown. `explain` adds the parts of the score.
    """

    color: bool = False
    width: int | None = None
    lines: int = 0
    explain: bool = False


def vimgrep(hits: Iterable[Hit], question: str = "") -> Iterator[str]:
    """One line `path:line:column:text` per hit.

    It names the line that has the question as it stands, if it is a name or a text that stands in the hit, or
    else the line of the definition, and the column of that line's first character that is not blank.
    """
    wanted = _as_it_stands(question)
    for hit in hits:
        lines = hit.text.split("\n")
        offset = _definition(lines, hit) or 0
        if wanted is not None and not wanted.search(lines[offset]):
            offset = next((n for n, line in enumerate(lines) if wanted.search(line)), offset)
        line = lines[offset].rstrip("\r")
        column = len(line) - len(line.lstrip()) + 1
        yield f"{plain.name(hit.path)}:{hit.start_line + offset}:{column}:{plain.code(line)}"


def _as_it_stands(question: str) -> re.Pattern[str] | None:
    """A pattern for a question as it stands, without the signs around it; for a name, only its last part."""
    asked = without_signs(question)
    asked = asked if " " in asked else parts_of(asked)[-1]
    words = r"\s+".join(map(re.escape, asked.split()))
    return re.compile(rf"(?<!\w){words}(?!\w)") if words else None


def text(
    hits: Sequence[Hit], style: Style, matching: Matcher = nothing, excerpts: Sequence[Excerpt] | None = None
) -> Iterator[str]:
    """The lines that show hits: for each hit, a header and numbered code. A blank line separates two hits.

    If `excerpts` are given, they are shown as a whole instead of the text of the hits.
    """
    for number, hit in enumerate(hits):
        if number:
            yield ""
        yield header(hit, style)
        if style.explain:
            yield from explanation(hit, style)
        excerpt = excerpts[number] if excerpts else Excerpt(hit.start_line, hit.text)
        limit = 0 if excerpts else style.lines
        yield from _code(excerpt, hit, style, matching, limit)


def header(hit: Hit, style: Style) -> str:
    """The header of a hit: `path:start-end  symbol  (kind, score)`, never wider than the terminal.

    The text of an unsaved buffer is marked.

    If the header does not fit, it loses first the beginning of the symbol, then the kind and the score, then
    the whole symbol, and then the beginning of the path.
    """
    path, lines = plain.name(hit.path), f":{hit.start_line}-{hit.end_line}"
    unsaved = ", unsaved" if hit.source == "buffer" else ""
    about = f"({hit.kind}, {hit.score:.3f}{unsaved})"
    symbol = plain.name(hit.symbol)
    if style.width is not None:
        room = style.width - columns(path + lines) - 2
        rest = room - columns(about) - 2 * bool(symbol)
        if rest < min(columns(symbol), _SHORTEST_SYMBOL):
            about, rest = "", room
        symbol = _tail(symbol, rest) if rest > 0 else ""
        path = _tail(path, max(style.width - len(lines), 1))
    parts = [_paint(path, style, fg="cyan", bold=True) + _paint(lines, style, fg="cyan")]
    parts += [_paint(symbol, style, bold=True)] if symbol else []
    parts += [_paint(about, style, dim=True)] if about else []
    return "  ".join(parts)


def _tail(text: str, width: int) -> str:
    """The end of a text, at most `width` columns wide. An ellipsis replaces what is cut off."""
    if columns(text) <= width:
        return text
    start = len(text)
    while start and columns(text[start - 1 :]) < width:
        start -= 1
    return "…" + text[start:]


def explanation(hit: Hit, style: Style) -> Iterator[str]:
    """The lines that explain a hit's score.

    They have the exact score of each leg, and then what each signal added or subtracted. The signal with the
    largest effect comes first.
    """
    legs = {name: value for name, value in hit.why.items() if name.endswith(_LEG)}
    signals = {name: value for name, value in hit.why.items() if name not in legs}
    if legs:
        said = ", ".join(f"{name.removesuffix(_LEG)} {value:.3f}" for name, value in sorted(legs.items()))
        yield _paint(f"  scores  {said}", style, dim=True)
    width = max(map(len, signals), default=0)
    most = max((abs(value) for value in signals.values()), default=1.0) or 1.0
    for name, value in sorted(signals.items(), key=lambda item: (-abs(item[1]), item[0])):
        bar = "▪" * max(1, round(_SHARE_BAR * abs(value) / most))
        color = "red" if value < 0 else "green"
        yield f"  {name:{width}}  {value:+.3f}  {_paint(bar, style, fg=color)}"


def _code(excerpt: Excerpt, hit: Hit, style: Style, matching: Matcher, limit: int) -> Iterator[str]:
    lines = excerpt.text.removesuffix("\n").split("\n")
    if excerpt.text == hit.text:  # the excerpt has no lines before and after the fragment
        lines = _without_trailing_blanks(lines, hit.end_line - hit.start_line + 1)
    start, shown = 0, lines
    if limit and len(lines) > limit + 1:  # a single line is never hidden
        start = _window(lines, hit, limit)
        shown = lines[start : start + limit]
    digits = len(str(excerpt.start_line + len(lines) - 1))
    for number, line in enumerate(shown, excerpt.start_line + start):
        ours = hit.start_line <= number <= hit.end_line
        gutter = _paint(f"{number:>{digits + 2}} ", style, fg="green" if ours else None, dim=True)
        yield gutter + _line(line.removesuffix("\r"), style, matching if ours else nothing, digits + 3, ours)
    if len(shown) < len(lines):
        yield _paint(f"{'':{digits + 3}}{_hidden_line(start, len(lines) - len(shown))}", style, dim=True)


def _without_trailing_blanks(lines: list[str], least: int) -> list[str]:
    """The lines without the blank lines at their end. At least `least` lines are kept."""
    count = len(lines)
    while count > max(least, 1) and not lines[count - 1].strip():
        count -= 1
    return lines[:count]


def _hidden_line(before: int, count: int) -> str:
    """The line that says that `count` lines are not shown; `before` of these begin the fragment."""
    if not before:
        return f"... {count} more lines"
    rest = f", {count - before} after" if count > before else ""
    return f"... {before} line{'s' * (before != 1)} before{rest}"


def _window(lines: Sequence[str], hit: Hit, limit: int) -> int:
    """The index of the first line to show. A long comment before the definition is not shown."""
    number = _definition(lines, hit)
    if number is None or number < limit - _CODE_LINES:
        return 0
    return min(number, len(lines) - limit)


def _definition(lines: Sequence[str], hit: Hit) -> int | None:
    """The index of the first line outside comments that names a hit's symbol. None if no line does."""
    return named_line(lines, hit.symbol, hit.language)


def _line(line: str, style: Style, matching: Matcher, indent: int, ours: bool) -> str:
    if style.width is None and not style.color:
        return plain.code(line).rstrip()
    spans = matching(line)
    pieces, last = [], 0
    for start, end in spans:
        pieces += [(line[last:start], False), (line[start:end], True)]
        last = end
    pieces.append((line[last:], False))
    safe = [(plain.code(piece).replace("\t", " " * _TAB), hit) for piece, hit in pieces]
    if style.width is not None:
        safe = _cut(safe, max(style.width - indent, 20))
    return "".join(
        _paint(piece, style, fg="yellow", bold=True) if hit else _paint(piece, style, dim=not ours or None)
        for piece, hit in safe
        if piece
    )


def _cut(pieces: Sequence[tuple[str, bool]], width: int) -> list[tuple[str, bool]]:
    """The pieces, cut to `width` columns. An ellipsis replaces what is cut off."""
    if sum(columns(piece) for piece, _ in pieces) <= width:
        return list(pieces)
    kept: list[tuple[str, bool]] = []
    room = width - 1
    for piece, hit in pieces:
        part = ""
        for char in piece:
            room -= columns(char)
            if room < 0:
                return [*kept, (part, hit), ("…", False)]
            part += char
        kept.append((part, hit))
    return kept


def columns(text: str) -> int:
    """The number of columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _paint(
    text: str, style: Style, *, fg: str | None = None, bold: bool | None = None, dim: bool | None = None
) -> str:
    if not style.color or not (fg or bold or dim):
        return text
    return click.style(text, fg=fg, bold=bold, dim=dim)
