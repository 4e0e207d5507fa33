"""`textDocument/inlineCompletion`: ghost text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from .documents import Document

if TYPE_CHECKING:
    from .session import Session

_WHEN_INVOKED = 5
"""The maximum number of suggestions if the user invoked them. Otherwise, there is at most one suggestion."""


async def answer(ls: Session, params: types.InlineCompletionParams) -> types.InlineCompletionList | None:
    """The suggestions at the cursor.

    Returns None if the document is not open, if the settings turn ghost text off, or if the client has sent a
    newer request for the document.
    """
    document = ls.documents.get(params.text_document.uri)
    if document is None or not ls.settings.inline:
        return None
    chosen = params.context.selected_completion_info
    document = document.replaced(chosen.range, chosen.text) if chosen else document.snapshot()
    return await ls.latest.run(("inline", document.uri), lambda: _answer(ls, document, params))


async def _answer(
    ls: Session, document: Document, params: types.InlineCompletionParams
) -> types.InlineCompletionList:
    from .suggest import suggestions

    invoked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    chosen = params.context.selected_completion_info
    if chosen is None:
        line, column = document.place(params.position)
        wanted, before = types.Range(params.position, params.position), ""
    else:
        line, column = document.end_of(chosen.range.start, chosen.text)
        wanted, before = chosen.range, chosen.text
    limit = _WHEN_INVOKED if invoked else 1
    found = await suggestions(ls, document, line, column, invoked=invoked, limit=limit)
    ls.recent.note(document.uri, found)
    items = [types.InlineCompletionItem(insert_text=before + one.text, range=wanted) for one in found]
    return types.InlineCompletionList(items)
