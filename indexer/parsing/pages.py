"""Splits a page and the scripts in the page, each with the grammar of its own language."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from .budgeted_parser import BUDGET_SECONDS
from .cuts import MAX_LINES
from .languages import BY_NAME
from .masks import blank
from .pieces import ScriptSplit, SourcePiece, SplitResult, block_pieces, moved
from .profiles import LanguageProfile
from .scripts import Script, between

SplitRanges = Callable[[bytes, LanguageProfile, Sequence[tuple[int, int]]], SplitResult]
"""A function that splits the given half-open byte ranges of a text in the given language."""


def split_page(
    text: bytes, language: LanguageProfile, found: Sequence[Script], split_ranges: SplitRanges
) -> SplitResult:
    """The result of splitting a page with the scripts `found`. The scripts share one budget of CPU time."""
    # The scripts are blanked, so that a script that cannot be parsed does not affect the rest of the page.
    alone = blank(text, [(one.start, one.end) for one in found])
    page = split_ranges(alone, language, between(found, len(text)))
    reasons = [page.unparsed] if page.unparsed else []
    pieces: list[SourcePiece] = []
    markup = deque(page.pieces)
    embedded = []
    deadline = time.thread_time() + BUDGET_SECONDS
    line = position = closed = 0
    for one in found:
        while markup and markup[0].start_byte < one.start:
            pieces.append(markup.popleft())
        line, position = line + text.count(b"\n", position, one.start), one.start
        code = text[one.start : one.end]
        if time.thread_time() > deadline:
            late = f"was not parsed because the scripts above it took {BUDGET_SECONDS:g} s"
            inner = SplitResult(block_pieces(code), unparsed=late)
        else:
            inner = split_ranges(code, BY_NAME[one.language], [(0, len(code))])
        own = [moved(piece, one.start, line, one.language) for piece in inner.pieces]
        if own and pieces and not text[closed : one.opens].strip():
            own[0] = _with_tag(pieces, own[0])
        pieces += own
        embedded.append(ScriptSplit(one.language, one.start, line, inner))
        if inner.unparsed:
            reasons.append(f"has a script in line {line + 1} that {inner.unparsed}")
        closed = one.closes
    pieces += markup
    return SplitResult(pieces, page.parsed, page.declared, reasons[0] if reasons else "", embedded)


def _with_tag(pieces: list[SourcePiece], first: SourcePiece) -> SourcePiece:
    """The first piece of a script, joined with the opening tag if the piece is a block and not too long.

    The last of `pieces` is the opening tag. If the tag is joined, it is removed from `pieces`. Between the
    previous script and this script, there is no text but the tag.
    """
    tag = pieces[-1]
    if first.kind != "block" or first.symbol or first.end_line - tag.start_line >= MAX_LINES:
        return first
    pieces.pop()
    return replace(first, start_byte=tag.start_byte, start_line=tag.start_line)
