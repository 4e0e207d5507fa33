"""The language of a document, and whether a position in it is in code."""

from __future__ import annotations

from .documents import Document

_LOOK_BACK = 400
"""The number of lines above the cursor that are scanned to see if the cursor is in a string or a comment."""

_PROSE = frozenset("gitcommit git-commit org mail".split())
"""Ids of languages for prose that have no profile."""


def language_of(document: Document) -> str:
    """The name that the index uses for the language of a document.

    If the name of the file does not show the language, the client's language id decides.
    """
    from indexer.parsing.languages import name_of, named

    head = "".join(document.lines[:5])[:1000].encode("utf-8", "replace")
    name = name_of(document.path.name, head) if document.path else "text"
    if name != "text":
        return name
    return named(document.language_id) or name


def is_prose(document: Document) -> bool:
    """Whether a document is in a language for prose. Users write issues in such languages."""
    from indexer.parsing import profiles
    from indexer.parsing.languages import named

    names = (named(document.language_id), language_of(document))
    return document.language_id in _PROSE or any(
        name is not None and profiles.of(name).role == "prose" for name in names
    )


def is_code(document: Document, line: int, column: int) -> bool:
    """Whether a position is in code, not in a string or a comment. Lines and columns count from 0."""
    from indexer.parsing.scripts import is_page, place_in
    from retrieval.continuation import functions, lexemes

    language, first = language_of(document), 0
    if is_page(language):
        text = document.text
        offset = sum(map(len, document.lines[:line])) + column
        language, begin, _ = place_in(text, offset, language)
        first = text.count("\n", 0, begin)
    before = [one.rstrip("\r\n") for one in document.lines[max(first, line - _LOOK_BACK) : line]]
    before.append(document.line(line)[:column])
    head = functions.enclosing(before, language)
    text = "\n".join(before[head.line if head else 0 :])
    return lexemes.context_at_end(lexemes.lexemes(text, language), language) == "code"
