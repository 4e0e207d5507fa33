"""Answers a question of `cornea grep`: the main path, from the patterns to the groups of lines."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.errors import UsageError
from indexer.fragment import Entry
from indexer.index.index import Index

from ..filtering import match
from ..host.grep_answers import FileMatches, GrepAnswer, GrepGroup, GrepLine
from . import literals
from .matcher import Clock, Matcher, PatternOptions
from .matcher import FoundLine as Matched
from .ordering import LineRanks
from .pieces import Piece, Pieces
from .roles import Rank
from .texts import FileText, Texts

if TYPE_CHECKING:
    from indexer.store import Store

    from ..host.requests import GrepParams

_PAGE_BYTES: Final = 8 << 20
"""A page ends after this number of bytes of text."""
_KEPT_ANSWERS: Final = 4
"""Maximum number of answers with several pages that are kept, for clients that read at the same time."""
_LINE_BYTES: Final = 80
"""The bytes of a line in an answer beside its text, as an estimate."""


_RANKED_OF_FILE: Final = 20
"""If only files are asked for, the lines of each file that are ranked to order the files."""
_PLACES_SECONDS: Final = 0.4
"""Seconds of processor time for the matches of a pattern that matches the empty text."""
_PLACES_LEFT_OUT: Final = (
    "the pattern matches the empty text, so of many lines only the first match is marked; all lines are there"
)


class _Places:
    """Finds the matches in lines.

    A pattern that matches the empty text matches at each character. If that takes too long, only the first
    match of a line is found, and `incomplete` is set.
    """

    def __init__(self, matcher: Matcher, clock: Clock, *, invert: bool) -> None:
        self._matcher, self._clock, self._invert = matcher, clock, invert
        self.incomplete = False
        self._seconds = 0.0

    def of(self, data: bytes, line: Matched) -> list[tuple[int, int]]:
        """The ranges of the matches in a line."""
        if self._invert:
            return []
        if not self._matcher.matches_empty_text:
            return self._matcher.spans(data, line, self._clock)
        if self.incomplete:
            start, _, first = line
            return [(first[0] - start, first[1] - start)] if first else []
        began = time.thread_time()
        found = self._matcher.spans(data, line)
        self._seconds += time.thread_time() - began
        self.incomplete = self._seconds > _PLACES_SECONDS
        return found


class FoundLine(NamedTuple):
    """A line that was found: its number, its range in the text, its matches, and the fragment around it."""

    number: int
    start: int
    end: int
    spans: list[tuple[int, int]]
    piece: Piece | None
    rank: Rank


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file with the lines that were found in it."""

    text: FileText
    lines: list[FoundLine]
    count: int
    """The number of lines that match. `lines` has fewer if only files are asked for."""

    def counts(self, *, files_only: bool) -> FileMatches:
        """The numbers of lines and matches."""
        matches = 0 if files_only else sum(len(line.spans) for line in self.lines)
        return FileMatches(self.text.entry.path, self.count, matches, self.text.source)


@dataclass(slots=True)
class _Group:
    """Lines that are answered together, with the text that they are from."""

    rank: Rank
    text: FileText
    lines: list[FoundLine]
    first: int
    last: int
    around: bool = False
    """Whether the lines from `first` to `last` are answered that do not match."""


class Grep:
    """Answers questions about one index. With `keep`, texts are kept for the next question."""

    def __init__(self, index: Index, *, keep: bool) -> None:
        self._texts, self._pieces = Texts(index, keep=keep), Pieces(index)
        self._pages: dict[str, list[_Group]] = {}
        """The groups of answers that are longer than a page, of which the latest is the last."""
        self.tenant = index.tenant
        self.remarks: list[str] = []
        """Lines for the user about the current question."""

    def answer(self, params: GrepParams, store: Store) -> GrepAnswer:
        """All lines that match. Raises UsageError for a pattern that is not supported or takes too long."""
        if params.page:
            return self._page(params.page)
        found, searched, size = self.find(params, store)
        groups = [group for one in found for group in _groups(one, params)]
        if not params.by_path:
            groups.sort(key=lambda group: (group.rank, group.text.entry.path, group.first))
        counts = {one.text.entry.path: one.counts(files_only=params.files_only) for one in found}
        order = dict.fromkeys(group.text.entry.path for group in groups)
        answer = GrepAnswer(files_searched=searched - self._texts.unreadable, bytes_searched=size)
        answer.gone, answer.remarks = self._texts.unreadable, tuple(self.remarks)
        self.remarks.clear()
        answer.files = [counts[path] for path in order]
        if not params.files_only:
            self._fill(answer, secrets.token_hex(8), groups, 0)
        return answer

    def find(self, params: GrepParams, store: Store) -> tuple[list[FoundFile], int, int]:
        """The files with matches by path, the number of all files searched, and that of their bytes."""
        options = PatternOptions(
            params.fixed_strings, params.ignore_case, params.smart_case, params.word, params.whole_line
        )
        matcher = Matcher(params.patterns, options)
        condition = None if params.invert else literals.required(matcher.node)
        texts, searched, size = self._texts.read(self._entries(params), condition, params.documents)
        clock, matched = Clock(size), list[tuple[FileText, list[Matched], int]]()
        for text in texts:
            if not text.data:
                continue
            if params.files_only and matcher.matches_every_line and not params.invert:
                matched.append((text, [(0, text.data.find(b"\n"), None)], text.data.count(b"\n")))
            elif lines := list((matcher.other_lines if params.invert else matcher.lines)(text.data, clock)):
                chosen = lines[:_RANKED_OF_FILE] if params.files_only else lines
                matched.append((text, chosen, len(lines)))
        pieces = self._pieces.of([text for text, *_ in matched], store)
        places = _Places(matcher, clock, invert=params.invert)
        found = [
            FoundFile(text, _ranked(text, lines, pieces[text.entry.path], places), count)
            for text, lines, count in matched
        ]
        if places.incomplete and not params.files_only:
            self.remarks.append(_PLACES_LEFT_OUT)
        return found, searched, size

    def release(self) -> None:
        """Release memory that can be computed or read again."""
        self._pages.clear()
        self._texts.release()
        self._pieces.release()

    def close(self) -> None:
        """Remove what was kept."""
        self._texts.close()

    def _entries(self, params: GrepParams) -> Sequence[Entry]:
        """The files that the parameters select, sorted by path. Raises UsageError for an invalid glob."""
        entries = self._texts.entries()
        chosen = list(entries.values())
        if params.paths:
            chosen = [one for one in chosen if _is_below(one.path, params.paths)]
        if params.languages:
            languages = frozenset(params.languages)
            chosen = [one for one in chosen if one.language in languages]
        if params.globs:
            kept = frozenset(match(params.globs, [one.path for one in chosen]))
            chosen = [one for one in chosen if one.path in kept]
        return chosen

    def _page(self, page: str) -> GrepAnswer:
        key, _, first = page.partition("-")
        groups = self._pages.pop(key, None)
        if groups is None or not first.isdecimal():
            raise UsageError("'page' is of an answer that is not kept any more; ask again from the start")
        self._pages[key] = groups  # now the latest
        answer = GrepAnswer()
        self._fill(answer, key, groups, int(first))
        return answer

    def _fill(self, answer: GrepAnswer, key: str, groups: list[_Group], first: int) -> None:
        """Add the groups of a page that begins with group number `first`. `key` stands for the answer."""
        size = 0
        for number in range(first, len(groups)):
            if size > _PAGE_BYTES:
                self._pages[key] = groups
                while len(self._pages) > _KEPT_ANSWERS:
                    del self._pages[next(iter(self._pages))]
                answer.next_page = f"{key}-{number}"
                return
            group = _written(groups[number])
            size += sum(len(line.text) + _LINE_BYTES for line in group.lines)
            answer.groups.append(group)
        self._pages.pop(key, None)


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _ranked(
    text: FileText, lines: Sequence[Matched], pieces: Sequence[Piece], places: _Places
) -> list[FoundLine]:
    """The lines of a file with their numbers, matches, fragments and ranks."""
    data, found = text.data, []
    ranks = LineRanks(text.entry.path, text.entry.language, data)
    number, counted, at, piece_start, seen = 1, 0, -1, 0, -1
    lone, other = b"\r" in data and data.count(b"\r") != data.count(b"\r\n"), 0
    for one in lines:
        start, end, _ = one
        number += data.count(b"\n", counted, start)
        if lone:  # the index ends a line at a lone CR
            part = data[counted:start]
            other += part.count(b"\r") - part.count(b"\r\n")
        counted = start
        while at + 1 < len(pieces) and pieces[at + 1].start_line <= number + other:
            at += 1
        piece = pieces[at] if at >= 0 and number + other <= pieces[at].end_line else None
        if piece is not None and at != seen:
            seen, piece_start = at, _start_of(data, start, number + other - piece.start_line)
        spans = places.of(data, one)
        rank = ranks.rank(piece, piece_start if piece is not None else start, start, end, spans)
        found.append(FoundLine(number, start, end, spans, piece, rank))
    return found


def _start_of(data: bytes, start: int, lines: int) -> int:
    """Where the line begins that is a number of lines above the one that begins at `start`."""
    for _ in range(lines):
        if start <= 0:
            break
        start = data.rfind(b"\n", 0, start - 1) + 1
    return start


def _groups(found: FoundFile, params: GrepParams) -> Iterator[_Group]:
    """The groups of one file: its lines by rank, or each match with the lines around it."""
    lines = found.lines
    if not (params.before or params.after):
        ordered = lines if params.by_path else sorted(lines, key=attrgetter("rank", "number"))
        by = (lambda _: Rank.DEFINITION) if params.by_path else attrgetter("rank")
        for rank, group in groupby(ordered, key=by):
            together = list(group)
            yield _Group(rank, found.text, together, together[0].number, together[-1].number)
        return
    current: list[FoundLine] = []
    for line in lines:
        if current and line.number - params.before > current[-1].number + params.after + 1:
            yield _around(found.text, current, params)
            current = []
        current.append(line)
    if current:
        yield _around(found.text, current, params)


def _around(text: FileText, lines: list[FoundLine], params: GrepParams) -> _Group:
    rank = min(line.rank for line in lines)
    first = max(1, lines[0].number - params.before)
    return _Group(rank, text, lines, first, lines[-1].number + params.after, True)


def _written(group: _Group) -> GrepGroup:
    """A group as it is answered, with the lines around its matches."""
    data, lines = group.text.data, []
    number, start = group.lines[0].number, group.lines[0].start
    while number > group.first:
        start = data.rfind(b"\n", 0, start - 1) + 1
        number -= 1
    if group.around:
        matching = {line.number: line for line in group.lines}
        while number <= group.last and start < len(data):
            end = data.find(b"\n", start)
            known = matching.get(number)
            lines.append(_line(data, known) if known else GrepLine(number, _text(data[start:end]), start))
            number, start = number + 1, end + 1
    else:
        lines = [_line(data, line) for line in group.lines]
    return GrepGroup(group.text.entry.path, lines)


def _line(data: bytes, line: FoundLine) -> GrepLine:
    symbol = line.piece.symbol if line.piece is not None else ""
    return GrepLine(
        line.number, _text(data[line.start : line.end]), line.start, tuple(line.spans), symbol, line.rank.role
    )


def _text(line: bytes) -> str:
    return line.decode("utf-8")
