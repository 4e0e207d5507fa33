"""The pieces of a source text. Text without a grammar is split into blocks of lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..fragment import Kind
from .cuts import MAX_LINES, partition
from .lines import Lines

_HEADING = re.compile(rb"(#{1,6})[ \t]+(\S[^\n]*)")
_FENCE = re.compile(rb"[ \t]{0,3}(`{3,}|~{3,})")
MAX_HEADING = 100
"""A heading with more characters is cut to this length."""

# The cost of a cut (see `cuts`) between a blank line and a line without indentation (`_PARAGRAPH`), or an
# indented line (`_INDENTED`).
_PARAGRAPH, _INDENTED = 0, 6


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


def block_pieces(
    text: bytes, stretches: Sequence[tuple[int, int]] = (), *, headings: bool = False
) -> list[SourcePiece]:
    """One piece for each block of lines. With `stretches`, only these half-open byte ranges are split.

    With `headings`, the symbol of a piece is the path of headings above it.
    """
    found: list[SourcePiece] = []
    above = position = 0
    for offset, end in stretches or [(0, len(text))]:
        above, position = above + text.count(b"\n", position, offset), offset
        lines = Lines(text[offset:end])
        starts = lines.starts
        for symbol, *section in _sections(lines) if headings else [("", 0, len(lines))]:
            for first, following, last in _blocks(lines, *section):
                start, stop = offset + starts[first], offset + starts[following]
                piece = SourcePiece(
                    "block", symbol, start, stop, above + first + 1, above + last + 1, parsed=False
                )
                found.append(piece)
    return found


def _blocks(lines: Lines, first: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The blocks of the lines [first, end): the first line, the line after the block, the last filled line.

    Together, the blocks cover all lines that are not blank.
    """
    filled = [line for line in range(first, end) if lines.line(line).strip()]
    if not filled:
        return
    costs = {
        line: _INDENTED if lines.line(line)[:1].isspace() else _PARAGRAPH
        for above, line in pairwise(filled)
        if line - above > 1
    }
    first, end = filled[0], filled[-1] + 1
    cuts = partition(first, end, costs, longest=MAX_LINES)
    for start, stop in pairwise([first, *(line for line in cuts if lines.line(line).strip()), end]):
        yield start, stop, filled[bisect_left(filled, stop) - 1]


def _sections(lines: Lines) -> list[tuple[str, int, int]]:
    """The Markdown sections: for each, the path of headings, the first line, and the line after the last."""
    path: list[tuple[int, str]] = []
    sections: list[tuple[str, int, int]] = []
    symbol, fence = "", b""
    first = 0
    for line in range(len(lines)):
        content = lines.line(line)
        if mark := _FENCE.match(content):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = b""
        elif not fence and (heading := _HEADING.match(content)):
            sections.append((symbol, first, line))
            first, level = line, len(heading[1])
            path = [step for step in path if step[0] < level]
            title = heading[2].decode("utf-8", "replace").strip().rstrip("#").strip()
            path.append((level, title[:MAX_HEADING]))
            symbol = " > ".join(title for _, title in path[-3:])
    sections.append((symbol, first, len(lines)))
    return sections
