"""Splits text without a grammar into blocks of lines, at headings and blank lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .cuts import MAX_LINES, partition
from .lines import Lines

_HEADING = re.compile(rb"(#{1,6})[ \t]+(\S[^\n]*)")
_FENCE = re.compile(rb"[ \t]{0,3}(`{3,}|~{3,})")
MAX_HEADING = 100
"""A heading with more characters is cut to this length."""

# The cost of a cut (see `cuts`) between a blank line and a line without indentation (`_PARAGRAPH`), or an
# indented line (`_INDENTED`).
_PARAGRAPH, _INDENTED = 0, 6

Span = tuple[int, int, int, int]


def blocks(text: bytes, *, headings: bool = False) -> Iterator[tuple[str, Span]]:
    """The blocks of a text in file order: for each block, the path of headings above it, and its span.

    A span is start byte, end byte, first line and last line. Lines count from 1. Without `headings`, the path
    is "".
    """
    lines = Lines(text)
    sections = _sections(lines) if headings else [("", 0, len(lines))]
    for symbol, first, end in sections:
        filled = [line for line in range(first, end) if lines.line(line).strip()]
        if filled:
            for span in _spans(lines, filled[0], filled[-1] + 1):
                yield symbol, span


def _spans(lines: Lines, first: int, end: int) -> Iterator[Span]:
    """The spans of the blocks of one section. Together, the blocks cover the lines [first, end)."""
    costs = _costs(lines, first, end)
    cuts = partition(first, end, costs, longest=MAX_LINES)
    cuts = [line for line in cuts if lines.line(line).strip()]
    for start, stop in zip([first, *cuts], [*cuts, end], strict=True):
        last = stop
        while not lines.line(last - 1).strip():
            last -= 1
        yield lines.starts[start], lines.starts[stop], start + 1, last


def _costs(lines: Lines, first: int, end: int) -> dict[int, int]:
    costs: dict[int, int] = {}
    blank = False
    for line in range(first, end):
        content = lines.line(line)
        if not content.strip():
            blank = True
        elif blank:
            costs[line] = _INDENTED if content[:1].isspace() else _PARAGRAPH
            blank = False
    return costs


def _sections(lines: Lines) -> list[tuple[str, int, int]]:
    """The Markdown sections: for each, the path of headings, the first line, and the line after the last."""
    path: list[tuple[int, str]] = []
    sections: list[tuple[str, int, int]] = []
    fence = b""
    first = 0
    for line in range(len(lines)):
        content = lines.line(line)
        if mark := _FENCE.match(content):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = b""
        elif not fence and (heading := _HEADING.match(content)):
            sections.append((_symbol(path), first, line))
            first, level = line, len(heading[1])
            path = [step for step in path if step[0] < level]
            path.append(
                (level, heading[2].decode("utf-8", "replace").strip().rstrip("#").strip()[:MAX_HEADING])
            )
    sections.append((_symbol(path), first, len(lines)))
    return sections


def _symbol(path: list[tuple[int, str]]) -> str:
    return " > ".join(title for _, title in path[-3:])
