"""Splits source text into pieces: functions, class headers and blocks, in file order and without overlap."""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..fragment import Kind
from .budgeted_parser import BUDGET_SECONDS, OutOfTime
from .cuts import MAX_LINES, cut_costs, partition
from .declarations import declarations
from .definitions import Declaration, Definition
from .languages import BY_NAME
from .lines import Lines
from .masks import blank
from .parse import AnonymousScope, Parsed, parse, unparsable_reason
from .pieces import SourcePiece, block_pieces
from .profiles import LanguageProfile
from .scripts import Script, between, scripts

# Characters of a comment line that is otherwise empty.
_MARGIN = b"*/#-;"
_WORD = re.compile(rb"[\w\x80-\xff]")


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


def split(text: bytes, language: LanguageProfile | None) -> list[SourcePiece]:
    """The pieces of a UTF-8 text. Together, the pieces contain every line that is not blank."""
    return split_file(text, language).pieces


def split_file(text: bytes, language: LanguageProfile | None) -> SplitResult:
    """The pieces of a UTF-8 text, with what the grammar of `language` found in the text."""
    if language is None:
        return SplitResult(block_pieces(text))
    found = scripts(text, language.name)
    return _split_page(text, language, found) if found else _cut(text, language, [(0, len(text))])


def _cut(text: bytes, language: LanguageProfile, stretches: Sequence[tuple[int, int]]) -> SplitResult:
    """The result of splitting the half-open byte ranges `stretches`. The text is parsed as a whole."""
    if language.textual:
        return SplitResult(block_pieces(text, stretches, headings=language.headings))
    reason = unparsable_reason(text)
    if reason is not None:
        return SplitResult(block_pieces(text, stretches), unparsed=reason)
    try:
        parsed = parse(text, language)
    except OutOfTime:
        return SplitResult(
            block_pieces(text, stretches), unparsed=f"takes longer than {BUDGET_SECONDS:g} s to parse"
        )
    declared = declarations(parsed, language)
    splitter = _Splitter(parsed, language)
    return SplitResult(_naming(splitter.pieces(stretches), declared), parsed, declared)


def _naming(pieces: list[SourcePiece], declared: Sequence[Declaration]) -> list[SourcePiece]:
    """The pieces. The field `defines` of each piece is set to the names that are declared in the piece."""
    ends = [piece.end_byte for piece in pieces]
    names: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for one in declared:
        names[bisect_right(ends, one.start)][one.name] = None
    names.pop(len(pieces), None)
    for index, defines in names.items():
        pieces[index] = replace(pieces[index], defines=tuple(defines))
    return pieces


def _split_page(text: bytes, language: LanguageProfile, found: Sequence[Script]) -> SplitResult:
    """The result of splitting a page with the scripts `found`. The scripts share one budget of CPU time."""
    # The scripts are blanked, so that a script that cannot be parsed does not affect the rest of the page.
    alone = blank(text, [(one.start, one.end) for one in found])
    page = _cut(alone, language, between(found, len(text)))
    unparsed = page.unparsed
    lines = Lines(text)
    pieces: list[SourcePiece] = []
    markup = deque(page.pieces)
    embedded = []
    deadline = time.thread_time() + BUDGET_SECONDS
    closed = 0
    for one in found:
        while markup and markup[0].start_byte < one.start:
            pieces.append(markup.popleft())
        line = lines.at(one.start)
        code = text[one.start : one.end]
        if time.thread_time() > deadline:
            late = f"was not parsed because the scripts above it took {BUDGET_SECONDS:g} s"
            inner = SplitResult(block_pieces(code), unparsed=late)
        else:
            inner = _cut(code, BY_NAME[one.language], [(0, len(code))])
        own = [
            replace(
                piece,
                start_byte=piece.start_byte + one.start,
                end_byte=piece.end_byte + one.start,
                start_line=piece.start_line + line,
                end_line=piece.end_line + line,
                language=one.language,
            )
            for piece in inner.pieces
        ]
        if own and pieces and not text[closed : one.opens].strip():
            own[0] = _with_tag(pieces, own[0])
        pieces += own
        embedded.append(ScriptSplit(one.language, one.start, line, inner))
        if inner.unparsed and not unparsed:
            unparsed = f"has a script in line {line + 1} that {inner.unparsed}"
        closed = one.closes
    pieces += markup
    return SplitResult(pieces, page.parsed, page.declared, unparsed, embedded)


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


@dataclass(slots=True)
class _OpenDefinition:
    """A definition around the current position. `definition` is None for the whole text.

    `in_function` says that the definition is a function or in a function. `begun` says that the definition
    already has a piece.
    """

    definition: Definition | None
    end: int
    in_function: bool
    begun: bool = False


class _Splitter:
    """Splits one parsed text."""

    def __init__(self, parsed: Parsed, language: LanguageProfile) -> None:
        self._parsed = parsed
        self._lines = parsed.lines
        self._text = parsed.lines.text
        self._language = language
        self._pieces: list[SourcePiece] = []
        self._position = 0
        self._open = [_OpenDefinition(None, len(self._text) + 1, in_function=False)]

    def pieces(self, stretches: Sequence[tuple[int, int]]) -> list[SourcePiece]:
        """The pieces of the byte ranges `stretches`.

        A single range is the whole text, which is cut where visible definitions begin and end. Several ranges
        are the parts of a page outside its scripts.
        """
        if len(stretches) > 1:
            for self._position, end in stretches:
                self._add(end)
            return self._pieces
        for definition in self._visible():
            self._advance(definition.start)
            outer = self._open[-1]
            in_function = definition.kind != "class" or outer.in_function
            self._open.append(_OpenDefinition(definition, min(definition.end, outer.end), in_function))
        self._advance(len(self._text))
        return self._pieces

    def _advance(self, position: int) -> None:
        """Add the pieces up to `position`, and close the definitions that end there or before."""
        while (end := self._open[-1].end) <= position:
            self._add(end)
            self._open.pop()
        self._add(position)

    def _visible(self) -> Iterator[Definition]:
        """The definitions that get their own pieces, outer before inner."""
        small = [scope for scope in reversed(self._parsed.scopes) if self._fits(scope)]
        covered = -1
        shown: set[Definition] = set()
        for definition in self._parsed.symbols:
            node = definition.nodes[0]
            while small and small[-1].start <= node.start_byte:
                covered = max(covered, small.pop().end)
            if covered < node.end_byte and self._stands_out(definition, shown):
                shown.add(definition)
                yield definition

    def _stands_out(self, definition: Definition, shown: set[Definition]) -> bool:
        outer = definition.parent
        if outer is None:
            return True
        if outer not in shown:
            return False
        if outer.kind == "class":
            return self._lines.count(outer.start, outer.end) > 1
        return not self._fits(definition)

    def _add(self, end: int) -> None:
        """Add the pieces from the current position to `end`, which belong to the innermost open definition.

        In a function, blank lines at the start are added to the piece above. Outside functions, blank lines
        between pieces are in no piece.
        """
        if end <= self._position:
            return
        start, self._position = self._position, end
        within = self._open[-1]
        opens, within.begun = not within.begun, True
        content = self._text[start:end]
        blank = len(content) - len(content.lstrip())
        last = start + len(content.rstrip())
        first = end
        if blank < len(content):
            first = max(start, self._lines.start(start + blank))
        if within.in_function:
            self._extend(start, first)
        elif self._is_rest(content, start):
            self._extend(start, last)
            return
        if first < end:
            end = end if within.in_function else min(end, self._lines.end(last - 1))
            self._cut(within.definition, opens, first, end)

    def _extend(self, start: int, end: int) -> None:
        """Extend the last piece to `end`, if that piece ends at `start`."""
        if start < end and self._pieces and self._pieces[-1].end_byte == start:
            self._pieces[-1] = replace(self._pieces[-1], end_byte=end)

    def _is_rest(self, content: bytes, start: int) -> bool:
        """Whether a segment only separates two definitions on one line, like a comma."""
        in_line = self._lines.start(start) < start and b"\n" not in content.strip()
        return in_line and bool(self._pieces) and _WORD.search(content) is None

    def _cut(self, owner: Definition | None, opens: bool, start: int, end: int) -> None:
        """Add the pieces of a byte range in `owner`. `opens` says that they are the first of `owner`."""
        lines = self._lines
        kind: Kind = "block" if owner is None or (owner.kind == "class" and not opens) else owner.kind
        symbol = owner.name if owner else ""
        docstring = owner.docstring if owner and opens else ""
        members = tuple(owner.members) if owner and opens else ()
        for a, b in self._ranges(owner, start, end):
            first, last = lines.at(a), lines.at(a + len(self._text[a:b].rstrip()) - 1)
            self._pieces.append(SourcePiece(kind, symbol, a, b, first + 1, last + 1, docstring, members))
            docstring, members = "", ()

    def _ranges(self, owner: Definition | None, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The byte ranges of the pieces of a byte range in `owner`."""
        lines = self._lines
        first, last = lines.at(start), lines.at(end - 1) + 1
        if last - first > MAX_LINES:
            nodes = owner.nodes if owner else [self._parsed.tree.root_node]
            costs = cut_costs(nodes, (start, end), lines, self._language, self._short_nodes)
            for line in partition(first, last, costs, spare=self._paragraph):
                cut = lines.starts[self._not_blank(line)]
                if start < cut < end:
                    yield start, cut
                    start = cut
        yield start, end

    @cached_property
    def _short_nodes(self) -> frozenset[int]:
        """The ids of the nodes of definitions that fit into a piece."""
        return frozenset(node.id for one in self._parsed.symbols if self._fits(one) for node in one.nodes)

    def _fits(self, one: Definition | AnonymousScope) -> bool:
        return self._lines.count(one.start, one.end) <= MAX_LINES

    def _paragraph(self, first: int, end: int) -> int | None:
        """The last line in [first, end) that follows a blank line. Returns None if there is no such line."""
        lines = range(end - 1, first - 1, -1)
        return next((n for n in lines if self._is_blank(n - 1, _MARGIN) and not self._is_blank(n)), None)

    def _is_blank(self, line: int, ignored: bytes = b"") -> bool:
        return not self._lines.line(line).strip().strip(ignored)

    def _not_blank(self, line: int) -> int:
        while line < len(self._lines) and self._is_blank(line):
            line += 1
        return line
