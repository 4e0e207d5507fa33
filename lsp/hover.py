"""`textDocument/hover`: the origin of a suggested line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from . import results

if TYPE_CHECKING:
    from .session import Session


def answer(ls: Session, params: types.HoverParams) -> types.Hover | None:
    """The origin of a suggested line, with a link. Returns None for any other line."""
    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return None
    line, _ = document.place(params.position)
    one = ls.recent.origin(
        document.uri, document.line(line), document.line(line - 1), document.line(line + 1)
    )
    if one is None:
        return None
    where = f"{one.path}:{one.start_line}-{one.end_line}"
    symbol = f" (`{one.symbol}`)" if one.symbol else ""
    capabilities = ls.client_capabilities.text_document
    formats = capabilities.hover.content_format if capabilities and capabilities.hover else None
    return types.Hover(results.markup(formats, f"Suggested by Cornea, from [{where}]({one.uri}){symbol}"))
