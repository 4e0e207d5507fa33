"""`textDocument/codeAction`: find similar code, and the functions that a selected issue is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from . import cursor

if TYPE_CHECKING:
    from .session import Session


def answer(ls: Session, params: types.CodeActionParams) -> list[types.Command]:
    """The actions for a range.

    For code, there are actions only if the user requests them. Otherwise, every line would get a light bulb.
    """
    document = ls.documents.get(params.text_document.uri)
    context = params.context
    if document is None or context.only or not len(ls.roots):
        return []
    selected = params.range.start != params.range.end
    if cursor.is_prose(document):
        if not selected or not document.between(params.range).strip():
            return []
        issue = {"uri": document.uri, "range": _json(params.range), "show": True}
        return [_action("Locate this issue", "cornea.locate", issue)]
    automatic = context.trigger_kind == types.CodeActionTriggerKind.Automatic
    if automatic or document.path is None or ls.roots.of(document.path) is None:
        return []
    where = {"uri": document.uri, "position": _json(params.range)["start"], "show": True}
    return [_action("Find similar code", "cornea.similar", where)]


def _action(title: str, command: str, argument: dict[str, object]) -> types.Command:
    return types.Command(title, command, arguments=[argument])


def _json(wanted: types.Range) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": wanted.start.line, "character": wanted.start.character},
        "end": {"line": wanted.end.line, "character": wanted.end.character},
    }
