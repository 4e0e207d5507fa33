"""Splits source text into pieces: functions, class headers and blocks, in file order and without overlap."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..fragment import Kind
from .budgeted_parser import BUDGET_SECONDS, OutOfTime
from .cuts import MAX_LINES, Syntax, cut_costs, partition
from .declarations import declarations
from .definitions import Declaration, Definition
from .pages import split_page
from .parse import Parsed, parse, unparsable_reason
from .pieces import SourcePiece, SplitResult, block_pieces
from .profiles import LanguageProfile
from .scripts import scripts

# Characters of a comment line that is otherwise empty.
_MARGIN = b"*/#-;"
_WORD = re.compile(rb"[\w\x80-\xff]")


def split(text: bytes, language: LanguageProfile | None) -> list[SourcePiece]:
    """The pieces of a UTF-8 text. Together, the pieces contain every line that is not blank."""
    return split_file(text, language).pieces


def split_file(text: bytes, language: LanguageProfile | None) -> SplitResult:
    """The pieces of a UTF-8 text, with what the grammar of `language` found in the text."""
    if language is None:
        return SplitResult(block_pieces(text))
    found = scripts(text, language.name)
    return split_page(text, language, found, _cut) if found else _cut(text, language, [(0, len(text))])


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
    names: dict[int, list[str]] = {}
    index = 0
    for one in declared:
        while index < len(pieces) and pieces[index].end_byte <= one.start:
            index += 1
        names.setdefault(index, []).append(one.name)
    for index, defines in names.items():
        if index < len(pieces):
            pieces[index] = replace(pieces[index], defines=tuple(dict.fromkeys(defines)))
    return pieces


@dataclass(frozen=True, slots=True)
class _Segment:
    """A half-open byte range of a text, and the innermost visible definition around the range (`owner`).

    `owner` is None outside definitions. `opens` says that this is the first segment of its owner.
    `in_function` says that the segment is in a function.
    """

    start: int
    end: int
    owner: Definition | None
    opens: bool
    in_function: bool


class _Splitter:
    """Splits one parsed text."""

    def __init__(self, parsed: Parsed, language: LanguageProfile) -> None:
        self._parsed = parsed
        self._lines = parsed.lines
        self._text = parsed.lines.text
        self._language = language
        self._pieces: list[SourcePiece] = []

    def pieces(self, stretches: Sequence[tuple[int, int]]) -> list[SourcePiece]:
        """The pieces of the byte ranges `stretches`.

        A single range is the whole text. Several ranges are the parts of a page outside its scripts.
        """
        if len(stretches) > 1:
            for start, end in stretches:
                self._add(_Segment(start, end, None, opens=False, in_function=False))
        else:
            for segment in self._segments():
                self._add(segment)
        return self._pieces

    def _segments(self) -> Iterator[_Segment]:
        """The segments of the text, cut where visible definitions begin and end."""
        cursor = 0
        stack: list[_OpenDefinition] = []
        for definition in self._visible():
            while stack and stack[-1].end <= definition.start:
                cursor = yield from self._until(stack[-1].end, cursor, stack)
                stack.pop()
            cursor = yield from self._until(definition.start, cursor, stack)
            end = min(definition.end, stack[-1].end) if stack else definition.end
            in_function = definition.kind != "class" or bool(stack and stack[-1].in_function)
            stack.append(_OpenDefinition(definition, end, in_function))
        while stack:
            cursor = yield from self._until(stack[-1].end, cursor, stack)
            stack.pop()
        yield from self._until(len(self._text), cursor, stack)

    @staticmethod
    def _until(end: int, cursor: int, stack: list[_OpenDefinition]) -> Generator[_Segment, None, int]:
        if end <= cursor:
            return cursor
        if not stack:
            yield _Segment(cursor, end, None, opens=False, in_function=False)
            return end
        top = stack[-1]
        yield _Segment(cursor, end, top.definition, not top.begun, top.in_function)
        top.begun = True
        return end

    def _visible(self) -> Iterator[Definition]:
        """The definitions that get their own pieces, outer before inner."""
        small = [
            scope for scope in self._parsed.scopes if self._lines.count(scope.start, scope.end) <= MAX_LINES
        ]
        small.reverse()
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
        return self._lines.count(definition.start, definition.end) > MAX_LINES

    def _add(self, segment: _Segment) -> None:
        """Append the pieces of a segment.

        In a function, blank lines at the start of the segment are added to the piece above. Outside
        functions, blank lines between pieces are in no piece.
        """
        content = self._text[segment.start : segment.end]
        blank = len(content) - len(content.lstrip())
        last = segment.start + len(content.rstrip())
        start = segment.end
        if blank < len(content):
            start = max(segment.start, self._lines.start(segment.start + blank))
        if segment.in_function:
            self._extend(segment.start, start)
        elif self._is_rest(content, segment.start):
            self._extend(segment.start, last)
            return
        if start < segment.end:
            end = segment.end if segment.in_function else min(segment.end, self._lines.end(last - 1))
            self._cut(segment, start, end)

    def _extend(self, start: int, end: int) -> None:
        """Extend the last piece to `end`, if that piece ends at `start`."""
        if start < end and self._pieces and self._pieces[-1].end_byte == start:
            self._pieces[-1] = replace(self._pieces[-1], end_byte=end)

    def _is_rest(self, content: bytes, start: int) -> bool:
        """Whether a segment only separates two definitions on one line, like a comma."""
        in_line = self._lines.start(start) < start and b"\n" not in content.strip()
        return in_line and bool(self._pieces) and _WORD.search(content) is None

    def _cut(self, segment: _Segment, start: int, end: int) -> None:
        owner, lines = segment.owner, self._lines
        kind: Kind = "block" if owner is None or (owner.kind == "class" and not segment.opens) else owner.kind
        symbol = owner.name if owner else ""
        docstring = owner.docstring if owner and segment.opens else ""
        members = tuple(owner.members) if owner and segment.opens else ()
        for a, b in self._ranges(segment, start, end):
            first, last = lines.at(a), lines.at(a + len(self._text[a:b].rstrip()) - 1)
            self._pieces.append(SourcePiece(kind, symbol, a, b, first + 1, last + 1, docstring, members))
            docstring, members = "", ()

    def _ranges(self, segment: _Segment, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The byte ranges of a segment's pieces."""
        lines = self._lines
        first, last = lines.at(start), lines.at(end - 1) + 1
        if last - first > MAX_LINES:
            nodes = segment.owner.nodes if segment.owner else [self._parsed.tree.root_node]
            costs = cut_costs(nodes, (start, end), lines, self._syntax)
            for line in partition(first, last, costs, spare=self._paragraph):
                cut = lines.starts[self._not_blank(line)]
                if start < cut < end:
                    yield start, cut
                    start = cut
        yield start, end

    @cached_property
    def _syntax(self) -> Syntax:
        short = (one for one in self._parsed.symbols if self._lines.count(one.start, one.end) <= MAX_LINES)
        return Syntax(
            self._language.bodies,
            self._language.attached,
            frozenset(node.id for one in short for node in one.nodes),
        )

    def _paragraph(self, first: int, end: int) -> int | None:
        """The last line in [first, end) that follows a blank line. Returns None if there is no such line."""
        for line in range(end - 1, first - 1, -1):
            if self._is_blank(line - 1, _MARGIN) and not self._is_blank(line):
                return line
        return None

    def _is_blank(self, line: int, ignored: bytes = b"") -> bool:
        return not self._lines.line(line).strip().strip(ignored)

    def _not_blank(self, line: int) -> int:
        while line < len(self._lines) and self._is_blank(line):
            line += 1
        return line


@dataclass(slots=True)
class _OpenDefinition:
    """A definition around the current position. `begun` says that the definition already has a segment."""

    definition: Definition
    end: int
    in_function: bool
    begun: bool = False
