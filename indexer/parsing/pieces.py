"""The pieces of a source text, and the result of splitting one."""

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

    `start_byte` and `end_byte` are a half-open range of the UTF-8 text. `start_line` is the 1-based line of
    the first byte, `end_line` the last line that is not blank. Only a definition's first piece has
    `docstring` and `members`. `parsed` says whether a grammar found it. `defines` are the names declared in
    it, apart from functions and classes. `language` is that of a page's script, "" for the file's own.
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
    """The pieces of a text, and what its grammar found; `unparsed` says why a grammar was not used.

    The `pieces` of a page include those of its `scripts`.
    """

    pieces: list[SourcePiece]
    parsed: Parsed | None = None
    declared: Sequence[Declaration] = ()
    unparsed: str = ""
    scripts: Sequence[ScriptSplit] = ()


@dataclass(frozen=True, slots=True)
class ScriptSplit:
    """A script in a page: its language, its first byte and line in the page, from 0, and its own result."""

    language: str
    start: int
    line: int
    result: SplitResult


def moved(piece: SourcePiece, start: int, line: int, language: str = "") -> SourcePiece:
    """A piece of a part of a text, as a piece of the text; the part begins at this byte and line (from 0)."""
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
    """The blocks of lines of a text, or of each of its stretches."""
    found: list[SourcePiece] = []
    line = position = 0
    for start, end in stretches or [(0, len(text))]:
        line, position = line + text.count(b"\n", position, start), start
        for symbol, span in blocks(text[start:end], headings=headings):
            found.append(moved(SourcePiece("block", symbol, *span, parsed=False), start, line))
    return found
