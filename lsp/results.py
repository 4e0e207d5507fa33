"""Makes results for clients: locations, symbols, places with reasons, and text in a format of the client."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types
from msgspec import UNSET, UnsetType

from retrieval.host.answers import Location
from retrieval.result import Hit, TextSource

from .command_types import FoundPlace, Position, Range
from .roots import Root

_KINDS = {
    "function": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "class": types.SymbolKind.Class,
}


def lines(first: int, last: int) -> types.Range:
    """The range of the whole lines from `first` to `last`. Lines count from 1."""
    return types.Range(types.Position(first - 1, 0), types.Position(last, 0))


def location(root: Root, row: Hit) -> types.Location:
    """The location of a hit."""
    return types.Location(root.uri_of(row.path), lines(row.start_line, row.end_line))


def symbol(root: Root, row: Hit) -> types.WorkspaceSymbol:
    """A hit as a symbol. If the code of the hit has no name, the text of its first line is the name."""
    name = row.symbol or _first_line(row.text) or row.path
    kind = _KINDS.get(row.kind, types.SymbolKind.File)
    return types.WorkspaceSymbol(location(root, row), name, kind, container_name=row.path)


def place_of_hit(root: Root, row: Hit) -> FoundPlace:
    """A hit as the result of a command."""
    # Clients show single lines of the text, but few clients split the text at "\r\n".
    text = row.text.replace("\r\n", "\n")
    place = (row.start_line, row.end_line)
    return _place(root, row.path, place, row.symbol, row.score, [], text, row.source)


def place_of_function(root: Root, row: Location) -> FoundPlace:
    """A function that an issue may be about, as the result of a command."""
    span = row.start_line or 1, row.end_line or 1
    return _place(root, row.path, span, row.symbol or "", row.score, row.why or [], UNSET, row.source)


def _place(
    root: Root,
    path: str,
    span: tuple[int, int],
    symbol: str,
    score: float,
    why: list[str],
    text: str | UnsetType,
    source: TextSource,
) -> FoundPlace:
    return FoundPlace(
        uri=root.uri_of(path),
        range=Range(Position(span[0] - 1, 0), Position(span[1], 0)),
        path=path,
        line=span[0],
        symbol=symbol,
        score=round(score, 6),
        why=why,
        text=text,
        source=source,
    )


def title(found: FoundPlace) -> str:
    """One line that describes a place."""
    name = found.symbol or _first_line(found.text or "")
    return f"{found.path}:{found.line} {name}".strip()


def markup(accepted: Sequence[types.MarkupKind] | None, markdown: str) -> types.MarkupContent:
    """Markdown, or plain text for a client that does not accept Markdown."""
    if accepted and types.MarkupKind.Markdown in accepted:
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return types.MarkupContent(types.MarkupKind.PlainText, re.sub(r"(?m)^`{3,}\w*\n", "", bare))


def fenced(code: str, language: str) -> str:
    """Code as a block of Markdown."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    return f"{fence}{language}\n{code}\n{fence}\n"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")[:60]
