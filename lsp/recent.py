"""Remembers recent suggestions, to find the origin of an accepted line."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .suggestion import EditorSuggestion

_KEPT = 200
_DISTINCTIVE = 8
"""A line with fewer than this number of characters is not recognised: such lines occur everywhere."""


class RecentSuggestions:
    """The latest suggestions for all documents."""

    def __init__(self) -> None:
        self._kept: deque[tuple[str, tuple[str, ...], EditorSuggestion]] = deque(maxlen=_KEPT)

    def note(self, uri: str, found: Sequence[EditorSuggestion]) -> None:
        """Remember what was suggested for a document."""
        for one in found:
            lines = tuple(line.strip() for line in one.text.strip().split("\n"))
            self._kept.append((uri, lines, one))

    def origin(self, uri: str, line: str, above: str, below: str) -> tuple[EditorSuggestion, int] | None:
        """The latest suggestion that contains a line, and the index of the line in the suggestion.

        Returns None if no suggestion contains the line. The line above must match the suggestion, unless the
        suggestion begins at the line or at the line above. The line below must match, unless the suggestion
        ends at the line. White space at both ends of lines does not count.
        """
        text = line.strip()
        if len(text) < _DISTINCTIVE:
            return None
        for owner, lines, one in reversed(self._kept):
            if owner != uri:
                continue
            for number, own in enumerate(lines):
                whole = own == text or (number == 0 and text.endswith(own) and len(own) >= _DISTINCTIVE)
                before = number == 0 or lines[number - 1] == above.strip() or number == 1
                after = number + 1 == len(lines) or lines[number + 1] == below.strip()
                if whole and before and after:
                    return one, number
        return None
