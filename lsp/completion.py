"""`textDocument/completion`: a few items of several lines at the end of the client's list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from . import results
from .documents import Document

if TYPE_CHECKING:
    from .session import Session
    from .suggestion import EditorSuggestion

_WORD = re.compile(r"[^\W\d]\w*\Z")
_INDENTATION = re.compile(r"[ \t]*")
_LABEL = 60
_MORE = " …"
_SNIPPETS_ONLY = ("neovim",)
"""Clients that insert only the first line of an item that is not a snippet."""
_INDENTING = ("helix", *_SNIPPETS_ONLY)
"""Clients that indent every inserted line like the cursor's line, even if the item forbids it."""
_VERBATIM = ("helix",)
"""Clients that insert the line ends of an item unchanged, even if the document has other line ends."""
_SPECIAL, _ESCAPED = re.compile(r"[\\$}]"), re.compile(r"\\([\\$}])")
"""The first pattern matches characters with a meaning in a snippet. The second matches them when escaped."""
_LAST = "\U0010fffd"
"""A sort key that begins with this text comes after the items of all other servers."""


async def answer(ls: Session, params: types.CompletionParams) -> types.CompletionList:
    """The suggestions as items of a completion list.

    The list is empty if the document is not open, if the settings turn completion off, or if the client has
    sent a newer request for the document.
    """
    document = ls.documents.get(params.text_document.uri)
    if document is None or not ls.settings.completion:
        return types.CompletionList(is_incomplete=False, items=[])
    document = document.snapshot()
    found = await ls.latest.run(("completion", document.uri), lambda: _answer(ls, document, params))
    return found or types.CompletionList(is_incomplete=True, items=[])


async def _answer(ls: Session, document: Document, params: types.CompletionParams) -> types.CompletionList:
    from .suggest import suggestions

    line, column = document.place(params.position)
    match = _WORD.search(document.line(line)[:column])
    word = match[0] if match else ""
    # Clients also send "invoked" while the user types a word.
    kind = params.context.trigger_kind if params.context else types.CompletionTriggerKind.Invoked
    invoked = kind == types.CompletionTriggerKind.Invoked and not word
    limit = ls.settings.completion_limit
    found = await suggestions(ls, document, line, column, invoked=invoked, limit=limit)
    ls.recent.note(document.uri, found)
    start = document.position(line, column - len(word))
    wanted = types.Range(start, params.position)
    client = ls.client_name.lower()
    if client in _INDENTING:
        match = _INDENTATION.match(document.line(line))
        found = [replace(one, text=_below(one.text, match[0] if match else "")) for one in found]
        found = [one for one in found if one.text.strip()]
    items = [_item(one, number, word, wanted) for number, one in enumerate(found)]
    if client in _VERBATIM:
        items = [_with_line_ends(item, document) for item in items]
    if client in _SNIPPETS_ONLY:
        items = [_as_snippet(item) for item in items]
    # The list is marked as incomplete, because every further letter changes the suggestions.
    return types.CompletionList(is_incomplete=True, items=items)


def _item(one: EditorSuggestion, number: int, word: str, wanted: types.Range) -> types.CompletionItem:
    first = one.text.strip().partition("\n")[0].strip()
    several = "\n" in one.text.strip()
    sure = f"{one.confidence:.0%}"
    label = word + first if one.text[:1].strip() else first
    return types.CompletionItem(
        label=label[:_LABEL] + (_MORE if several or len(label) > _LABEL else ""),
        kind=types.CompletionItemKind.Snippet,
        detail=one.origin,
        sort_text=f"{_LAST}{number:02}",
        filter_text=word + first,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(wanted, word + one.text),
        # All values are strings, because Neovim cannot send a fraction in an item back as JSON.
        data={"origin": one.origin, "uri": one.uri, "language": one.language, "sure": sure},
    )


def _below(text: str, indentation: str) -> str:
    """The text with `indentation` removed from all lines but the first.

    The text ends before the first line that does not begin with `indentation`.
    """
    first, *others = text.split("\n")
    inside = takewhile(lambda line: not line.strip() or line.startswith(indentation), others)
    return "\n".join([first, *(line.removeprefix(indentation) for line in inside)])


def _with_line_ends(item: types.CompletionItem, document: Document) -> types.CompletionItem:
    """The item with the line ends of the document."""
    from retrieval.continuation import line_ends

    assert isinstance(item.text_edit, types.TextEdit)
    end = line_ends.of("".join(document.lines))
    item.text_edit.new_text = item.text_edit.new_text.replace("\n", end)
    return item


def _as_snippet(item: types.CompletionItem) -> types.CompletionItem:
    """The item as a snippet without placeholders.

    The label of the item contains only code, because the client shows the label as a preview.
    """
    assert isinstance(item.text_edit, types.TextEdit)
    item.insert_text_format = types.InsertTextFormat.Snippet
    item.text_edit.new_text = _SPECIAL.sub(r"\\\g<0>", item.text_edit.new_text)
    if item.label.endswith(_MORE):
        item.label = item.label.removesuffix(_MORE)
        item.label_details = types.CompletionItemLabelDetails(_MORE)
    return item


def resolve(ls: Session, item: types.CompletionItem) -> types.CompletionItem:
    """The item with documentation, which consists of the code and a link to the origin of the code."""
    data: Any = item.data
    text = item.text_edit.new_text if item.text_edit else item.label
    if item.insert_text_format == types.InsertTextFormat.Snippet:
        text = _ESCAPED.sub(r"\1", text)
    if isinstance(data, dict) and {"origin", "uri", "language", "sure"} <= set(data):
        code = results.fenced(text.replace("\r\n", "\n").strip("\n"), data["language"])
        origin = f"from [{data['origin']}]({data['uri']}), confidence {data['sure']}"
        item.documentation = results.markup(_formats(ls), code + origin)
    return item


def _formats(ls: Session) -> Sequence[types.MarkupKind] | None:
    document = ls.client_capabilities.text_document
    completion = document.completion if document else None
    return (
        completion.completion_item.documentation_format if completion and completion.completion_item else None
    )
