"""Makes types of the protocol: locations, symbols, JSON with reasons, and text in a format of the client."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from .roots import Message, Root

_KINDS = {
    "function": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "class": types.SymbolKind.Class,
}


def lines(first: int, last: int) -> types.Range:
    """The range of the whole lines from `first` to `last`. Lines count from 1."""
    return types.Range(types.Position(first - 1, 0), types.Position(last, 0))


def location(root: Root, row: Message) -> types.Location:
    """The location of a hit."""
    return types.Location(root.uri_of(row["path"]), lines(row["start_line"], row["end_line"]))


def symbol(root: Root, row: Message) -> types.WorkspaceSymbol:
    """A hit as a symbol. If the code of the hit has no name, the text of its first line is the name."""
    name = row["symbol"] or _first_line(row["text"]) or row["path"]
    kind = _KINDS.get(row["kind"], types.SymbolKind.File)
    return types.WorkspaceSymbol(location(root, row), name, kind, container_name=row["path"])


def plain(root: Root, row: Message, why: Sequence[str] = ()) -> dict[str, Any]:
    """A hit as JSON: a `Location` with further fields."""
    where = location(root, row)
    found = {
        "uri": where.uri,
        "range": {
            "start": {"line": where.range.start.line, "character": 0},
            "end": {"line": where.range.end.line, "character": 0},
        },
        "path": row["path"],
        "line": row["start_line"],
        "symbol": row["symbol"],
        "score": round(float(row["score"]), 6),
        "why": list(why),
    }
    # Clients show single lines of the text, but few clients split the text at "\r\n".
    return found | {"text": row["text"].replace("\r\n", "\n")} if "text" in row else found


def title(found: Message) -> str:
    """One line that describes a result of `plain`."""
    name = found["symbol"] or _first_line(found.get("text", ""))
    return f"{found['path']}:{found['line']} {name}".strip()


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
