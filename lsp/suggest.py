"""What ghost text and completion share: suggestions for a place of a document."""

from __future__ import annotations

from indexer.errors import CorneaError

from . import cursor, indentation, life, unsaved
from .documents import Document
from .roots import Message, Root
from .session import Session
from .suggestion import EditorSuggestion


async def suggestions(
    ls: Session, document: Document, line: int, column: int, *, invoked: bool, limit: int
) -> list[EditorSuggestion]:
    """The suggestions at a place (from 0), best first.

    Unless they are asked for, none in strings and comments, and none of a root that is not to be indexed yet.
    While its host starts the answer waits: who has stopped typing asks no second time. Errors are shown
    once; there are no suggestions then.
    """
    found = life.root_of(ls, document)
    if found is None or not unsaved.fits(ls, document):
        return []
    root, path = found
    helped = root.begun or ls.settings.index
    if not invoked and not (helped and cursor.is_code(document, line, column)):
        return []
    asked: Message = {
        "path": path,
        "text": document.text,
        "language": cursor.language_of(document),
        "line": line + 1,
        "column": column + 1,
        "limit": limit,
        "until": ls.settings.until,
        **await indentation.asked(ls, document),
    }
    try:
        answer = await root.ask("continue", asked)
    except CorneaError as error:
        ls.show_error_once(str(error), root)
        return []
    return [_suggestion(root, row) for row in answer["suggestions"]]


def _suggestion(root: Root, row: Message) -> EditorSuggestion:
    from retrieval.continuation import line_ends

    text = line_ends.unified(row["text"])
    return EditorSuggestion(
        text, root, row["path"], row["start_line"], row["end_line"], row["symbol"], row["language"],
        row["confidence"],
    )  # fmt: skip
