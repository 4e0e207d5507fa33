"""The answer of `grep`, as types."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from ..grep.roles import Role
from ..result import TextSource
from .answers import Count, Line, QueryAnswer


class GrepLine(Struct, omit_defaults=True):
    """A line that matches, or a line around one.

    `offset` is that of the line in the text, and `spans` are the ranges of the matches in the line, both in
    bytes of UTF-8; a line that was found because it does not match has none. `symbol` is the definition
    around the line, and "" outside of definitions. `role` is missing for a line around a match.
    """

    line: Line
    text: str
    offset: Count = 0
    spans: tuple[tuple[int, int], ...] = ()
    symbol: str = ""
    role: Role | None = None


class GrepGroup(Struct):
    """Lines of one file that belong together: those of equal rank, or a match with the lines around it."""

    path: str
    lines: list[GrepLine]


class FileMatches(Struct):
    """How many lines of a file match, and the number of matches in them, 0 with `files_only`.

    `source` says which text of the file has been searched.
    """

    path: str
    lines: Count
    matches: Count
    source: TextSource = "disk"


class GrepAnswer(QueryAnswer):
    """All lines that match, definitions first.

    A long answer has several pages: `groups` are those of this page, and `next_page` is the parameter `page`
    for the next one, or "". `files` are the files with matches, in the order of their first groups, only on
    the first page. `files_searched` are the files that were indexed and still exist, `gone` are those that
    are deleted, or changed so that they are not indexed any more; `bytes_searched` is the length of all
    their texts.
    """

    groups: list[GrepGroup] = msgspec.field(default_factory=list)
    files: list[FileMatches] = msgspec.field(default_factory=list)
    files_searched: Count = 0
    bytes_searched: Count = 0
    gone: Count = 0
    next_page: str = ""
