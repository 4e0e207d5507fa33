"""The pieces of a source text, and the result of splitting a source text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..fragment import Kind
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
