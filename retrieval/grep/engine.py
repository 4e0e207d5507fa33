"""The regular expression engine, RE2, which searches in linear time. Only this module imports it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from indexer.errors import UsageError

_MEMORY: Final = 16 << 20
"""The bytes that RE2 may use for one pattern. It refuses a pattern for which this is not enough."""


class PatternMatch(Protocol):
    """Where a pattern matches."""

    def span(self) -> tuple[int, int]:
        """The range of the match in the text."""


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: bytes, pos: int | None = None, endpos: int | None = None) -> PatternMatch | None:
        """The first match between two places. What is before and after them counts for assertions."""

    def finditer(self, text: bytes) -> Iterator[PatternMatch]:
        """All matches in a text."""


def compiled(pattern: bytes, shown: str, *, latin: bool = False) -> Pattern:
    """A pattern in RE2's syntax. With `latin`, each byte is a character.

    Raises UsageError, which shows the user's pattern, if RE2 refuses the pattern.
    """
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    options.never_capture = True
    options.log_errors = False
    if latin:
        options.encoding = re2.Options.Encoding.LATIN1
    try:
        found: Pattern = re2.compile(pattern, options)
    except re2.error as error:
        given = error.args[0] if error.args else ""
        why = given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given)
        raise UsageError(
            f"pattern {shown}: RE2 refuses it ({why[:100]}); use fewer or smaller repetitions and classes"
        ) from error
    return found


def script(name: str) -> list[tuple[int, int]] | None:
    """The ranges of the characters of a script, in order. Returns None if RE2 does not know the script."""
    try:
        pattern = compiled(f"\\p{{{name}}}+".encode(), name)
    except UsageError:
        return None
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000)))).encode()
    parts = (every[start:end].decode() for match in pattern.finditer(every) for start, end in [match.span()])
    return [(ord(part[0]), ord(part[-1])) for part in parts]
