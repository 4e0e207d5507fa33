"""Finds the lines of a text that match patterns, and the places in a line that match.

RE2 searches the text. Where it may find too many lines, each line is checked in the alphabet of `Codes`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from indexer.errors import UsageError

from . import codepoints as cp
from . import parser, syntax
from .engine import Pattern, compiled
from .syntax import MAX_PATTERN_CHARS, Assertion, Choice, Look, Node
from .translation import Codes, plain

Span = tuple[int, int]
_RE2_WORDS: Final = frozenset((Look.WORD_BOUNDARY, Look.NO_WORD_BOUNDARY))
_FIRST_WINDOW: Final = 512
_FAST: Final = 20e6
"""Bytes per second of processor time above which a window is enlarged."""
_LINE_SECONDS: Final = 1e-4
_MATCH_SECONDS: Final = 1e-5
_NOTICEABLE: Final = 1e-3
_CHECKED_EVERY: Final = 64
"""The number of lines after which the time is checked."""
_LEAST_SECONDS: Final = 0.4
_SMALL: Final = 1 << 16
_MEASURED_EVERY: Final = 8
"""While a pattern is fast, one in this number of small texts is measured: reading the time costs more."""
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
    """The processor time that the search for one question may take. Only searching counts, not reading."""

    def __init__(self, total_bytes: int) -> None:
        self._limit = max(_LEAST_SECONDS, total_bytes / _SLOWEST)
        self._used = self._began = self._rate = 0.0
        self._count, self._measured = 0, False
        self._marking, self._marks = 0.0, 0
        self.found = 0
        """The number of lines found so far, each of which may take _LINE_SECONDS more."""
        self.window = _FIRST_WINDOW
        """The bytes that are searched at a time, so that a slow pattern is noticed soon."""

    def begin(self, size: int = 0) -> None:
        """Begin to search a number of bytes. Raises UsageError if that would take too long."""
        self._count += 1
        self._measured = size >= _SMALL or self.window < _SMALL or self._count % _MEASURED_EVERY == 0
        if not self._measured:
            return
        self._began = time.thread_time()
        if size > 4 * self.window and self._used + size * self._rate > self._limit:
            raise _too_long()  # it is a very long line, and the pattern is slow

    def marked(self, seconds: float, matches: int) -> None:
        """Note that so many matches were looked for in lines. Raises UsageError if that takes too long.

        Each match may take _MATCH_SECONDS more.
        """
        self._marking += seconds
        self._marks += matches
        if self._marking > self._limit + self.found * _LINE_SECONDS + self._marks * _MATCH_SECONDS:
            raise _too_long()

    def check(self) -> None:
        """Raise UsageError if the time is over."""
        if not self._measured:
            return
        now = self._used + time.thread_time() - self._began
        if now > self._limit + self.found * _LINE_SECONDS:
            raise _too_long()

    def end(self, size: int = 0) -> None:
        """Note that this number of bytes was searched. Raises UsageError if the time is over."""
        if not self._measured:
            return
        self.check()
        seconds = time.thread_time() - self._began
        self._used += seconds
        if size > seconds * _FAST:
            self.window, self._rate = max(self.window, 8 * size), 0.0
        elif seconds > _NOTICEABLE:
            self._rate = seconds / max(size, 1)
            self.window = max(_FIRST_WINDOW, self.window // 8)


def _too_long() -> UsageError:
    return UsageError(
        "the pattern takes too long on these files, so nothing was answered; use smaller counts, or search "
        "fewer files (name folders, or use -g or -t)"
    )


FoundLine = tuple[int, int, Span | None]
"""The range of a line, without its line end, and the range of its first match if that is known."""


class Matcher:
    """Several patterns, of which one must match."""

    def __init__(self, patterns: Sequence[str], options: PatternOptions) -> None:
        """Raises UsageError for a pattern that is not supported or too large."""
        if sum(map(len, patterns)) > MAX_PATTERN_CHARS:
            raise UsageError(
                f"the patterns have more than {MAX_PATTERN_CHARS:,} characters; search in several runs"
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
        self.matches_every_line = _matches_nothing(self.node)
        """Whether every line matches, because the pattern matches the empty text everywhere."""
        self.matches_empty_text = syntax.nullable(self.node)
        """Whether a line may have as many matches as characters, because the pattern matches nothing, too."""
        self._patterns = tuple(patterns)
        _ = self._ascii  # raises UsageError if the pattern is too large

    def lines(self, text: bytes, clock: Clock) -> Iterator[FoundLine]:
        """Each line that matches. The text ends with a line end.

        Raises UsageError if the search takes too long.
        """
        if self.matches_every_line:
            return ((start, end, None) for start, end in _every_line(text))
        ascii_text = text.isascii()
        found = self._candidates(self._ascii if ascii_text else self._wide, text, clock)
        if self._exact or (ascii_text and self._exact_ascii):
            return found
        return self._checked(text, found, clock)

    def other_lines(self, text: bytes, clock: Clock) -> Iterator[FoundLine]:
        """Each line that does not match."""
        matching = self.lines(text, clock)
        skipped = next(matching, (-1,))[0]
        for start, end in _every_line(text):
            if start == skipped:
                skipped = next(matching, (-1,))[0]
            else:
                yield start, end, None

    def spans(self, text: bytes, found: FoundLine, clock: Clock | None = None) -> list[Span]:
        """The ranges of bytes of all matches in a line of a text, which do not overlap.

        Raises UsageError if the time of the clock is over.
        """
        start, end, first = found
        line = text[start:end]
        if line.isascii() and self._exact_ascii:
            return _all_matches(self._ascii, line, 1, _moved(first, -start), clock=clock)
        if self._exact:
            return _all_matches(self._wide, line, 0, _moved(first, -start), clock=clock)
        return self._coded(line, clock=clock)

    def _checked(self, text: bytes, found: Iterator[FoundLine], clock: Clock) -> Iterator[FoundLine]:
        """Those of some lines that match."""
        for number, (start, end, _) in enumerate(found):
            line = text[start:end]
            if number % _CHECKED_EVERY == 0:
                clock.check()
            if self._exact_ascii and line.isascii():
                if self._ascii.search(line) is not None:
                    yield start, end, None
            elif self._coded(line, most=1):
                yield start, end, None

    def _candidates(self, pattern: Pattern, text: bytes, clock: Clock) -> Iterator[FoundLine]:
        """The lines in which RE2 finds the pattern."""
        position, last, number, search = 0, len(text) - 1, 0, pattern.search
        while position <= last:
            end = last if last - position <= clock.window else text.find(b"\n", position + clock.window)
            size = end - position
            clock.begin(size)
            while position <= end:
                match = search(text, position, end)
                if match is None:
                    break
                span = match.span()
                start, after = text.rfind(b"\n", 0, span[0]) + 1, text.find(b"\n", span[1])
                position = after + 1
                yield start, after, span
                number += 1
                clock.found += 1
                if number % _CHECKED_EVERY == 0:
                    clock.check()
            position = max(position, end + 1)
            clock.end(size)

    def _coded(self, line: bytes, most: int = 0, clock: Clock | None = None) -> list[Span]:
        """The ranges of bytes of the matches in a line, in the alphabet of the pattern; at most `most`."""
        text = line.decode("utf-8")
        codes, pattern = self._codes
        width = codes.width
        offsets = range(len(text) + 1) if line.isascii() else _offsets(text)
        found = _all_matches(pattern, codes.line(text), width, most=most, clock=clock)
        return [(offsets[start // width], offsets[end // width]) for start, end in found]

    @cached_property
    def _ascii(self) -> Pattern:
        return self._compiled(plain(self._ascii_node, ascii_only=True).encode())

    @cached_property
    def _wide(self) -> Pattern:
        return self._compiled(plain(self.node, ascii_only=False).encode())

    @cached_property
    def _codes(self) -> tuple[Codes, Pattern]:
        codes = Codes(self.node)
        return codes, self._compiled(codes.pattern, latin=True)

    def _compiled(self, pattern: bytes, *, latin: bool = False) -> Pattern:
        return compiled(pattern, parser.shown("|".join(self._patterns)), latin=latin)


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


def _moved(span: Span | None, by: int) -> Span | None:
    return None if span is None else (span[0] + by, span[1] + by)


def _all_matches(
    pattern: Pattern,
    line: bytes,
    width: int,
    first: Span | None = None,
    most: int = 0,
    clock: Clock | None = None,
) -> list[Span]:
    """The matches, as Rust's regex crate finds them: one after the other, no empty one after a match.

    A character has `width` bytes, or as many as in UTF-8 if `width` is 0. `first` is the first match if it is
    known. With `most`, the search ends after this number of matches. Raises UsageError if the time of the
    clock is over.
    """
    found, position, before, size = list[Span](), 0, -1, len(line)
    if first is not None:
        found.append(first)
        before = position = first[1]
    began, steps = time.thread_time(), 0
    while position <= size:
        steps += 1
        if clock is not None and steps % _CHECKED_EVERY == 0:
            now = time.thread_time()
            clock.marked(now - began, _CHECKED_EVERY)
            began = now
        match = pattern.search(line, position)
        if match is None:
            break
        start, end = match.span()
        if start == end and width > 1 and start % width:  # inside of a character
            position = start + 1
        elif start == end == before:
            position = _next(line, start, width)
        else:
            found.append((start, end))
            if len(found) == most:
                break
            before = position = end
    return found


def _next(line: bytes, position: int, width: int) -> int:
    """The position after the next character."""
    if width:
        return position + width
    position += 1
    while position < len(line) and line[position] & 0xC0 == 0x80:
        position += 1
    return position
