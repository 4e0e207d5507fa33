"""Suggestions for a position in a document, for ghost text and completion."""

from __future__ import annotations

from indexer.errors import CorneaError
from retrieval.host.requests import ContinueParams
from retrieval.result import Suggestion

from . import cursor, indentation, life, unsaved
from .documents import Document
from .roots import Root
from .session import Session
from .suggestion import EditorSuggestion


async def suggestions(
    ls: Session, document: Document, line: int, column: int, *, invoked: bool, limit: int
) -> list[EditorSuggestion]:
    """The suggestions at a position, best first. Lines and columns count from 0.

    `invoked` says that the user requested the suggestions. Suggestions that the user did not request are not
    made in strings and comments. They are not made either if a host would have to be started and the settings
    turn off automatic indexing. If the host is starting, this function waits for the host, because the client
    sends no second request once the user has stopped typing. An error is shown to the user once; the result
    is then an empty list.
    """
    found = life.root_of(ls, document)
    if found is None or not unsaved.fits(ls, document):
        return []
    root, path = found
    may_start = root.started or ls.settings.index
    if not invoked and not (may_start and cursor.is_code(document, line, column)):
        return []
    indent = await indentation.params_for(ls, document)
    try:
        params = ContinueParams(
            path=path,
            text=document.text,
            language=cursor.language_of(document),
            line=line + 1,
            column=column + 1,
            limit=limit,
            until=ls.settings.until,
            **indent,
        )
        answer = await root.ask(params)
    except CorneaError as error:
        ls.show_error_once(str(error), root)
        return []
    return [_suggestion(root, row) for row in answer.suggestions]


def _suggestion(root: Root, row: Suggestion) -> EditorSuggestion:
    from retrieval.continuation import line_ends

    text = line_ends.unified(row.text)
    place = row.path, row.start_line, row.end_line
    return EditorSuggestion(text, root, *place, row.symbol, row.language, row.confidence)
