"""The pieces of a source text, and the result of splitting a source text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..fragment import Kind
from .blocks import blocks
from .definitions import Declaration
from .parse import Parsed


@dataclass(frozen=True, slots=True)
class SourcePiece:
    """A part of a source text that becomes one fragment.

    `start_byte` and `end_byte` are a half-open range of the UTF-8 text. `start_line` is the line of the first
    byte, and `end_line` is the last line that is not blank; lines count from 1. Only a definition's first
    piece has `docstring` and `members`. `parsed` says whether a grammar found the piece. `defines` are the
    names of the declarations in the piece. `language` is the language of the script that contains the piece,
    if the text is a page; "" means that the piece is in the language of the file.
    """

    kind: Kind
    symbol: str
    start_byte: int
    end_byte: int
    start_line: int
    end_line: int
    docstring: str = ""
    members: tuple[str, ...] = ()
    parsed: bool = True
    defines: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The pieces of a text, and what the grammar of its language found in the text.

    `unparsed` says why the text, or a script in the text, was not parsed. `unparsed` is "" if there is no
    such reason. The `pieces` of a page include the pieces of its `scripts`.
    """

    pieces: list[SourcePiece]
    parsed: Parsed | None = None
    declared: Sequence[Declaration] = ()
    unparsed: str = ""
    scripts: Sequence[ScriptSplit] = ()


@dataclass(frozen=True, slots=True)
class ScriptSplit:
    """A script in a page, and the result of splitting the script alone.

    The script begins at the byte `start` and in the line `line` of the page. Both count from 0.
    """

    language: str
    start: int
    line: int
    result: SplitResult


def moved(piece: SourcePiece, start: int, line: int, language: str = "") -> SourcePiece:
    """Convert a piece of a part of a text to a piece of the whole text.

    The part begins at the byte `start` and in the line `line` of the text. Both count from 0.
    """
    return replace(
        piece,
        start_byte=piece.start_byte + start,
        end_byte=piece.end_byte + start,
        start_line=piece.start_line + line,
        end_line=piece.end_line + line,
        language=language,
    )


def block_pieces(
    text: bytes, stretches: Sequence[tuple[int, int]] = (), *, headings: bool = False
) -> list[SourcePiece]:
    """One piece for each block of lines. With `stretches`, only these half-open byte ranges are split."""
    found: list[SourcePiece] = []
    line = position = 0
    for start, end in stretches or [(0, len(text))]:
        line, position = line + text.count(b"\n", position, start), start
        for symbol, span in blocks(text[start:end], headings=headings):
            found.append(moved(SourcePiece("block", symbol, *span, parsed=False), start, line))
    return found
