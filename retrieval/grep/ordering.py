"""Finds what a matching line is to its reader: a definition, a use, a comment, documentation."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final

from indexer.analysis import roles
from indexer.parsing.profiles import LanguageProfile
from indexer.parsing.profiles import of as profile_named

from .pieces import Piece
from .roles import Rank

Span = tuple[int, int]


_TRIPLE_QUOTES = (b'"""', b"'''")
_UNQUOTED = rb"\A(?:[^\"'`]|\"[^\"]*\"|'[^']*'|`[^`]*`)*?"
"""Matches code up to what follows, without stopping in a string."""
_IMPORT = re.compile(
    rb"(?:import|from|use|using|require\w*|include|#\s*include|package)\b|export\b.*\bfrom\b"
)
"""Matches a line that names what is defined elsewhere."""
_LONGEST_LOOK: Final = 20_000
"""The bytes of a fragment before a line that are read to see whether the line is in a comment."""


class LineRanks:
    """Ranks lines of one file."""

    def __init__(self, path: str, language: str, data: bytes) -> None:
        self._data, self._is_test = data, roles.is_test(path)
        self._profile = profile_named(language)
        self._defined: dict[tuple[int, str], int] = {}

    def rank(
        self, piece: Piece | None, piece_start: int, start: int, end: int, spans: Sequence[Span]
    ) -> Rank:
        """The rank of the line from `start` to `end`, with the fragment around it and where that begins.

        `spans` are the matches in the line.
        """
        line = self._data[start:end]
        profile = profile_named(piece.language) if piece is not None else self._profile
        if profile.role != "code":
            return Rank.DOCS if profile.role == "prose" else Rank.DATA
        if self._is_comment(profile, line, piece_start, start, spans):
            return Rank.TEST if self._is_test else Rank.COMMENT
        named = None
        if piece is not None and piece.names:
            named = self._named(profile, piece.names, piece_start, start, line, spans)
        if named is None:
            return Rank.TEST if self._is_test else Rank.USE
        if named:
            return Rank.TEST_DEFINITION if self._is_test else Rank.DEFINITION
        return Rank.PART_OF_TEST_DEFINITION if self._is_test else Rank.PART_OF_DEFINITION

    def _named(
        self,
        profile: LanguageProfile,
        names: Iterable[str],
        piece_start: int,
        start: int,
        line: bytes,
        spans: Sequence[Span],
    ) -> bool | None:
        """Whether a match has a whole name that this line defines, or a part of one. None: neither."""
        part = None
        for name in names:
            if name.encode() not in line:
                continue
            for found in _word(name).finditer(line):
                first, last = found.span()
                at = bisect_right(spans, first, key=itemgetter(1))
                inside = [one for one in spans[at : at + last - first] if one[0] < last]
                if not inside or self._definition(profile, name, piece_start, start) != start:
                    continue
                if any(one[0] <= first and last <= one[1] for one in inside):
                    return True
                part = False
        return part

    def _definition(self, profile: LanguageProfile, name: str, piece_start: int, last: int) -> int:
        """Where the first line begins that has a name and is no comment, from the fragment's begin on.

        Returns -1 if it is not among the lines up to the one at `last`.
        """
        known = self._defined.get((piece_start, name))
        if known is not None and (known >= 0 or -known - 2 >= last):
            return known
        data, word = self._data, _word(name)
        found = word.search(data, piece_start)
        while found is not None:
            start = data.rfind(b"\n", 0, found.start()) + 1
            if start > last:
                break
            end = data.find(b"\n", start)
            line = data[start:end].lstrip()
            span = (found.start() - start, found.end() - start)
            lead = line.startswith((*profile.leads, b"@", b"#[")) or _IMPORT.match(line) is not None
            if not lead and not self._is_comment(profile, data[start:end], piece_start, start, [span]):
                self._defined[piece_start, name] = start
                return start
            found = word.search(data, end)
        return -1

    def _is_comment(
        self, profile: LanguageProfile, line: bytes, piece_start: int, start: int, spans: Sequence[Span]
    ) -> bool:
        """Whether all matches of a line are in a comment or a docstring."""
        signs = _signs(profile.name)
        bare = line.lstrip()
        if bare.startswith(signs.leads) and (bare[:1] != b"*" or bare[1:2] in (b"", b" ", b"/", b"*", b"\r")):
            return True
        if profile.docstrings and bare.startswith(_TRIPLE_QUOTES):
            return True
        first = spans[0][0] if spans else 0
        if any(sign in line for sign in signs.starts):  # rarely, and only then is the pattern worth its time
            assert signs.line is not None
            if (found := signs.line.match(line)) and found.end() <= first:
                return True
        before = self._data[max(piece_start, start - _LONGEST_LOOK) : start]
        for opening, closing in signs.pairs:
            if before.rfind(opening) > before.rfind(closing):
                return closing not in line[:first]
        if profile.docstrings:
            return any(before.count(quotes) % 2 for quotes in _TRIPLE_QUOTES if quotes in before)
        return False


class _Signs:
    """What begins comments in a language, as bytes."""

    def __init__(self, profile: LanguageProfile) -> None:
        self.leads = tuple(sign.encode() for sign in profile.comment_leads)
        self.pairs = [(one.encode(), other.encode()) for one, other in profile.comment_pairs if one != other]
        starts = [one for one in profile.comment_starts if one in profile.line_comments]
        signs = "|".join(map(re.escape, starts)).encode()
        self.starts = tuple(one.encode() for one in starts)
        self.line = re.compile(_UNQUOTED + rb"\s(?:%s)" % signs) if starts else None
        """Matches from the begin of a line up to a comment at its end."""


@lru_cache(maxsize=256)
def _signs(language: str) -> _Signs:
    return _Signs(profile_named(language))


@lru_cache(maxsize=4096)
def _word(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![\w\x80-\xff])%s(?![\w\x80-\xff])" % re.escape(name.encode()))
