"""Turns the pieces of a file into fragments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..fragment import Fragment
from ..parsing.source import Source
from .roles import is_test

if TYPE_CHECKING:
    from ..parsing.pieces import SourcePiece


def fragments_of(source: Source, repo: str, language: str, pieces: Iterable[SourcePiece]) -> list[Fragment]:
    """The fragments of one file, one for each piece, in the order of the pieces."""
    path = source.file.path
    test = is_test(path)
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for piece in pieces:
        key = (piece.kind, piece.symbol)
        span = source.span(piece.start_byte, piece.end_byte, piece.start_line, piece.end_line)
        text = source.text[piece.start_byte : piece.end_byte].decode("utf-8")
        found.append(
            Fragment(
                repo=repo,
                path=path,
                language=piece.language or language,
                page=language if piece.language else "",
                kind=piece.kind,
                symbol=piece.symbol,
                ordinal=seen[key],
                span=span,
                text=text,
                docstring=piece.docstring,
                members=piece.members,
                defines=piece.defines,
                is_test=test,
            )
        )
        seen[key] += 1
    return found
