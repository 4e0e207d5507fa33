"""What `grep --json` prints, as types: ripgrep's JSON lines, with some fields more.

Fields may be added; those that exist stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from retrieval.grep.roles import Role
from retrieval.host.answers import Count, Line
from retrieval.result import TextSource

if TYPE_CHECKING:
    from retrieval.host.grep_answers import GrepLine


class TextValue(Struct):
    """A text, as ripgrep writes it."""

    text: str


class Submatch(Struct):
    """A match in a line, and its range in bytes of UTF-8."""

    match: TextValue
    start: Count
    end: Count


class Stats(Struct, omit_defaults=True):
    """How many files were searched, how many of them have matches, and how many lines and matches those have.

    `bytes_searched` is the length of all texts; only the summary has it.
    """

    searches: Count
    searches_with_match: Count
    matched_lines: Count
    matches: Count
    bytes_searched: Count = 0


class BeginData(Struct):
    """The file. `source` says whether its text on disk or an editor's unsaved one has been searched."""

    path: TextValue
    source: TextSource


class Begin(Struct, tag="begin", tag_field="type"):
    """The lines of a file follow. A file whose lines are of several ranks begins several times."""

    data: BeginData


class MatchData(Struct):
    """A line that matches. `symbol` is the definition around it, and "" outside of definitions.

    `source` is that of the file.
    """

    path: TextValue
    lines: TextValue
    line_number: Line
    absolute_offset: Count
    submatches: list[Submatch]
    symbol: str
    role: Role
    source: TextSource


class MatchLine(Struct, tag="match", tag_field="type"):
    """A line that matches."""

    data: MatchData


class ContextData(Struct):
    """A line around a match."""

    path: TextValue
    lines: TextValue
    line_number: Line
    absolute_offset: Count
    submatches: list[Submatch]


class ContextLine(Struct, tag="context", tag_field="type"):
    """A line around a match."""

    data: ContextData


class EndData(Struct):
    """The file, and the numbers of all its lines and matches, those before and after included."""

    path: TextValue
    stats: Stats


class End(Struct, tag="end", tag_field="type"):
    """The lines of a file, or those of one rank, are over."""

    data: EndData


class SummaryData(Struct):
    """The totals. `gone` are indexed files that were deleted, or are not to be indexed any more."""

    stats: Stats
    gone: Count


class Summary(Struct, tag="summary", tag_field="type"):
    """The last line."""

    data: SummaryData


GrepOutput = (Begin, MatchLine, ContextLine, End, Summary)


def line_of(path: str, line: GrepLine, source: TextSource) -> MatchLine | ContextLine:
    """The JSON line of a line. `source` is that of its file."""
    where, text = TextValue(path), TextValue(line.text + "\n")
    if line.role is None:
        return ContextLine(ContextData(where, text, line.line, line.offset, []))
    data = line.text.encode("utf-8", "surrogatepass")
    found = [
        Submatch(TextValue(data[start:end].decode("utf-8", "replace")), start, end)
        for start, end in line.spans
    ]
    return MatchLine(MatchData(where, text, line.line, line.offset, found, line.symbol, line.role, source))
