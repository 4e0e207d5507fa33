"""`textDocument/hover`: where a line that was suggested comes from."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from . import markup

if TYPE_CHECKING:
    from .server import Server
    from .suggest import Suggestion

_KEPT = 200
_TELLING = 8
"""A line of fewer characters is everywhere."""


class Offered:
    """The suggestions of late, by document: the lines, without the white space around them."""

    def __init__(self) -> None:
        self._kept: deque[tuple[str, tuple[str, ...], Suggestion]] = deque(maxlen=_KEPT)

    def note(self, uri: str, found: Sequence[Suggestion]) -> None:
        """Remember what was suggested for a document."""
        for one in found:
            lines = tuple(line.strip() for line in one.text.strip().split("\n"))
            self._kept.append((uri, lines, one))

    def origin(self, uri: str, line: str, above: str, below: str) -> tuple[Suggestion, int] | None:
        """The latest suggestion that a line came from, and which of its lines it is.

        The lines above and below it must be the suggestion's, too, unless it begins or ends there.
        """
        text = line.strip()
        if len(text) < _TELLING:
            return None
        for owner, lines, one in reversed(self._kept):
            if owner != uri:
                continue
            for number, own in enumerate(lines):
                whole = own == text or (number == 0 and text.endswith(own) and len(own) >= _TELLING)
                before = number == 0 or lines[number - 1] == above.strip() or number == 1
                after = number + 1 == len(lines) or lines[number + 1] == below.strip()
                if whole and before and after:
                    return one, number
        return None


def answer(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """The origin of a suggested line, with a link; nothing on any other line."""
    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return None
    line, _ = document.place(params.position)
    found = ls.offered.origin(
        document.uri, document.line(line), document.line(line - 1), document.line(line + 1)
    )
    if found is None:
        return None
    one, _ = found
    where = f"{one.path}:{one.start_line}-{one.end_line}"
    symbol = f" (`{one.symbol}`)" if one.symbol else ""
    capabilities = ls.client_capabilities.text_document
    formats = capabilities.hover.content_format if capabilities and capabilities.hover else None
    return types.Hover(markup.content(formats, f"Suggested by Cornea, from [{where}]({one.uri}){symbol}"))
