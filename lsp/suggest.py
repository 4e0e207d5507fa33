"""What ghost text and completion share: suggestions for a place of a document."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.errors import CorneaError

from . import cursor, indentation, life, unsaved
from .documents import Document
from .roots import Message, Root
from .server import Server


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text to insert, and the lines (from 1) of `root` that it comes from.

    Its line ends are "\\n" in every document: VS Code and other clients write the document's own, and Neovim
    and Emacs, whose buffers have no others, would show "\\r" as a character.
    """

    text: str
    root: Root
    path: str
    start_line: int
    end_line: int
    symbol: str
    language: str
    confidence: float

    @property
    def origin(self) -> str:
        """Where it comes from, for people."""
        return f"{self.path}:{self.start_line}" + (f" {self.symbol}" if self.symbol else "")

    @property
    def uri(self) -> str:
        """Where it comes from, as a link that editors open at the line."""
        return f"{self.root.uri_of(self.path)}#L{self.start_line}"


async def suggestions(
    ls: Server, document: Document, line: int, column: int, *, invoked: bool, limit: int
) -> list[Suggestion]:
    """The suggestions at a place (from 0), best first.

    Unless they are asked for, none in strings and comments, and none of a root that is not to be indexed yet.
    While its helper starts the answer waits: who has stopped typing asks no second time. Errors are shown
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
        ls.complain(str(error), root)
        return []
    return [_suggestion(root, row) for row in answer["suggestions"]]


def _suggestion(root: Root, row: Message) -> Suggestion:
    from retrieval.continuation import line_ends

    text = line_ends.unified(row["text"])
    return Suggestion(
        text, root, row["path"], row["start_line"], row["end_line"], row["symbol"], row["language"],
        row["confidence"],
    )  # fmt: skip
