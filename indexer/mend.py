"""Trees of broken text, parsed stretch by stretch, so that one error does not take the rest along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Parser, Point, Range, Tree

from .lines import Lines

# A line that starts something at the top level: not indented, no closer, no label like `public:`.
_STARTS = re.compile(rb"(?!\w+\s*:\s*$)[^\s)\]}]")
# With more stretches than this the text is data, and not worth it.
_MAX_STRETCHES = 2_000


def _ranges(lines: Lines) -> list[tuple[int, int]]:
    """The line ranges between top-level lines that follow a blank one; together they are the text."""
    text, starts = lines.text, lines.starts
    cuts = [0]
    blank = False
    for line in range(len(lines)):
        content = text[starts[line] : starts[line + 1]].rstrip()
        if blank and _STARTS.match(content):
            cuts.append(line)
        blank = not content
    return list(zip(cuts, [*cuts[1:], len(lines)], strict=True))


def stretches(parser: Parser, text: bytes, lines: Lines) -> Iterator[Tree]:
    """A tree for each stretch of `text`, with the offsets of the whole; it ends with a line end."""
    ranges = _ranges(lines)
    if not 1 < len(ranges) <= _MAX_STRETCHES:
        return
    try:
        for first, end in ranges:
            start, stop = lines.starts[first], lines.starts[end]
            if end == len(lines):
                stop = len(text)  # with the line end that `text` may have and `lines` not
            parser.included_ranges = [Range(Point(first, 0), Point(end, 0), start, stop)]
            yield parser.parse(text)
    finally:
        del parser.included_ranges
