"""Finds the lines of a text that match patterns, and the places in a line that match.

RE2 searches the text. Where it may find too many lines, each line is checked in the alphabet of `Codes`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from indexer.errors import UsageError

from . import codepoints as cp
from . import parser, syntax
from .syntax import Assertion, Choice, Look, Node
from .translation import Codes, plain

if TYPE_CHECKING:
    import re2

_MEMORY: Final = 64 << 20
"""The bytes that RE2 may use for one pattern. It refuses a pattern for which this is not enough."""
_RE2_WORDS: Final = frozenset((Look.WORD_BOUNDARY, Look.NO_WORD_BOUNDARY))
_FIRST_WINDOW: Final = 512
_FAST: Final = 20e6
"""Bytes per second of processor time above which a window is enlarged."""
_LEAST_SECONDS: Final = 0.6
_SLOWEST: Final = 100e6
"""A search may take _LEAST_SECONDS, or the time in which this number of bytes per second is searched."""


@dataclass(frozen=True, slots=True)
class PatternOptions:
    """How patterns are read. The fields are the options of ripgrep."""

    fixed_strings: bool = False
    ignore_case: bool = False
    smart_case: bool = False
    word: bool = False
    whole_line: bool = False


class Clock:
    """The processor time that the search of one question may take, in this thread."""

    def __init__(self, total_bytes: int) -> None:
        self._limit = max(_LEAST_SECONDS, total_bytes / _SLOWEST)
        self._started = time.thread_time()
        self._worst = 0.0

    def check(self, coming: int = 0) -> None:
        """Raise UsageError if the time is over, or would be after `coming` more bytes at the worst rate."""
        now = time.thread_time() - self._started
        if now + coming * self._worst > self._limit:
            raise UsageError(
                "the pattern takes too long on these files, so nothing was answered; use smaller counts, or "
                "search fewer files (name folders, or use -g or -t)"
            )

    def note(self, size: int, seconds: float) -> None:
        """Note how long the search of `size` bytes took."""
        if size >= _FIRST_WINDOW // 2 and seconds > 1e-3:
            self._worst = max(self._worst, seconds / size)


class Matcher:
    """Several patterns, of which one must match."""

    def __init__(self, patterns: Sequence[str], options: PatternOptions) -> None:
        """Raises UsageError for a pattern that is not supported or too large."""
        if sum(map(len, patterns)) > parser.MAX_PATTERN_CHARS:
            raise UsageError(
                f"the patterns have more than {parser.MAX_PATTERN_CHARS:,} characters; search in several runs"
            )
        found, ignored = _parsed(patterns, options, options.ignore_case)
        if options.smart_case and not options.ignore_case and ignored:
            found, _ = _parsed(patterns, options, True)
        inner = found[0] if len(found) == 1 else Choice(tuple(found))
        self.node, ascii_node = inner, inner
        if options.whole_line:
            self.node = ascii_node = _between(Look.START, inner, Look.END)
        elif options.word:
            self.node = ascii_node = _between(Look.NO_WORD_BEFORE, inner, Look.NO_WORD_AFTER)
            if _is_word(inner):
                ascii_node = _between(Look.WORD_BOUNDARY, inner, Look.WORD_BOUNDARY)
        words = syntax.looks(self.node) & syntax.WORD_LOOKS
        self._ascii_node = ascii_node
        self._exact = not words
        """Whether RE2 finds exactly the lines of the pattern in every text."""
        self._exact_ascii = syntax.looks(ascii_node) & syntax.WORD_LOOKS <= _RE2_WORDS
        self._everywhere = self._exact and _matches_nothing(self.node)
        self._patterns = tuple(patterns)
        _ = self._ascii  # raises UsageError if the pattern is too large

    def lines(self, text: bytes, clock: Clock) -> Iterator[tuple[int, int]]:
        """The range of each line that matches, without its line end. The text ends with a line end."""
        if self._everywhere:
            yield from _every_line(text)
            return
        ascii_text = text.isascii()
        found = self._candidates(self._ascii if ascii_text else self._wide, text, clock)
        if self._exact or (ascii_text and self._exact_ascii):
            yield from found
            return
        for start, end in found:
            line = text[start:end]
            clock.check()
            if self._exact_ascii and line.isascii():
                if self._ascii.search(line) is not None:
                    yield start, end
            elif next(self._coded(line), None) is not None:
                yield start, end

    def other_lines(self, text: bytes, clock: Clock) -> Iterator[tuple[int, int]]:
        """The range of each line that does not match."""
        matching = self.lines(text, clock)
        skipped = next(matching, None)
        for line in _every_line(text):
            if line == skipped:
                skipped = next(matching, None)
            else:
                yield line

    def spans(self, line: bytes) -> list[tuple[int, int]]:
        """The ranges of bytes of all matches in a line, which do not overlap."""
        if line.isascii() and self._exact_ascii:
            return list(_all_matches(self._ascii, line, 1))
        if self._exact:
            return list(_all_matches(self._wide, line, 0))
        return list(self._coded(line))

    def _candidates(self, pattern: Any, text: bytes, clock: Clock) -> Iterator[tuple[int, int]]:
        """The lines in which RE2 finds the pattern."""
        position, last, window = 0, len(text) - 1, _FIRST_WINDOW
        while position <= last:
            end = text.find(b"\n", min(position + window, last))
            clock.check(end - position)
            began, size = time.thread_time(), end - position
            while position <= end:
                match = pattern.search(text, position, end)
                if match is None:
                    break
                start, after = match.span()
                start, after = text.rfind(b"\n", 0, start) + 1, text.find(b"\n", after)
                position = after + 1
                took = time.thread_time() - began
                yield start, after
                began = time.thread_time() - took
                clock.check()
            position = max(position, end + 1)
            seconds = time.thread_time() - began
            clock.note(size, seconds)
            if size > seconds * _FAST:
                window *= 8

    def _coded(self, line: bytes) -> Iterator[tuple[int, int]]:
        """The ranges of bytes of all matches in a line, in the alphabet of the pattern."""
        codes, text = self._codes, line.decode("utf-8")
        width = codes.width
        offsets = range(len(text) + 1) if line.isascii() else _offsets(text)
        for start, end in _all_matches(self._coded_pattern, codes.line(text), width):
            yield offsets[start // width], offsets[end // width]

    @cached_property
    def _ascii(self) -> re2._Regexp:
        return self._compiled(plain(self._ascii_node, ascii_only=True).encode())

    @cached_property
    def _wide(self) -> re2._Regexp:
        return self._compiled(plain(self.node, ascii_only=False).encode())

    @cached_property
    def _codes(self) -> Codes:
        return Codes(self.node)

    @cached_property
    def _coded_pattern(self) -> re2._Regexp:
        return self._compiled(self._codes.pattern, latin=True)

    def _compiled(self, pattern: bytes, *, latin: bool = False) -> re2._Regexp:
        """A pattern for RE2. Raises UsageError if RE2 refuses the pattern."""
        import re2

        options = re2.Options()
        options.max_mem = _MEMORY
        options.never_capture = True
        options.log_errors = False
        if latin:
            options.encoding = re2.Options.Encoding.LATIN1
        try:
            return re2.compile(pattern, options)
        except re2.error as error:
            shown = parser.shown("|".join(self._patterns))
            why = error.args[0] if error.args else error
            why = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
            raise UsageError(
                f"pattern {shown}: RE2 refuses it ({why[:100]}); use fewer or smaller repetitions and classes"
            ) from error


def _parsed(patterns: Sequence[str], options: PatternOptions, ignore: bool) -> tuple[list[Node], bool]:
    """The parsed patterns, and whether --smart-case would ignore case."""
    read = parser.literal if options.fixed_strings else parser.parse
    nodes, literal, upper = [], False, False
    for pattern in patterns:
        node, case = read(pattern, ignore_case=ignore)
        nodes.append(node)
        literal, upper = literal or case.literal, upper or case.upper
    return nodes, literal and not upper


def _between(before: Look, inner: Node, after: Look) -> Node:
    return syntax.Sequence((Assertion(before), inner, Assertion(after)))


def _is_word(node: Node) -> bool:
    """Whether each match in ASCII begins and ends with a character of a word."""
    if syntax.nullable(node):
        return False
    sides = (*syntax.edge(node, last=False), *syntax.edge(node, last=True))
    return all(not cp.difference(cp.intersection(one, cp.ASCII), cp.ASCII_WORDS) for one in sides)


def _matches_nothing(node: Node) -> bool:
    """Whether the pattern matches the empty text at every position."""
    if isinstance(node, syntax.Chars | Assertion):
        return False
    if isinstance(node, syntax.Repeat):
        return node.least == 0 or _matches_nothing(node.part)
    if isinstance(node, Choice):
        return any(map(_matches_nothing, node.parts))
    return all(map(_matches_nothing, node.parts))


def _every_line(text: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while (end := text.find(b"\n", start)) >= 0:
        yield start, end
        start = end + 1


def _offsets(text: str) -> list[int]:
    """The offset of each character in UTF-8, and the length of the text."""
    found, offset = [0], 0
    for char in text:
        offset += len(char.encode())
        found.append(offset)
    return found


def _all_matches(pattern: Any, line: bytes, width: int) -> Iterator[tuple[int, int]]:
    """All matches, as Rust's regex crate finds them: one after the other, no empty one after a match.

    A character has `width` bytes, or as many as in UTF-8 if `width` is 0.
    """
    position, before = 0, -1
    while position <= len(line):
        match = pattern.search(line, position)
        if match is None:
            return
        start, end = match.span()
        if start == end and width > 1 and start % width:  # inside of a character
            position = start + 1
        elif start == end == before:
            position = _next(line, start, width)
        else:
            yield start, end
            before = position = end


def _next(line: bytes, position: int, width: int) -> int:
    """The position after the next character."""
    if width:
        return position + width
    position += 1
    while position < len(line) and line[position] & 0xC0 == 0x80:
        position += 1
    return position
