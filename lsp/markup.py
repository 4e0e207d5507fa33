"""Text for the user in a format that the client can show."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types


def content(accepted: Sequence[types.MarkupKind] | None, markdown: str) -> types.MarkupContent:
    """Markdown, or plain text for a client that does not accept Markdown."""
    if accepted and types.MarkupKind.Markdown in accepted:
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return types.MarkupContent(types.MarkupKind.PlainText, re.sub(r"(?m)^`{3,}\w*\n", "", bare))


def fenced(code: str, language: str) -> str:
    """Code as a block of Markdown."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    return f"{fence}{language}\n{code}\n{fence}\n"
