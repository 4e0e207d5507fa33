"""Remembers recent suggestions, to find the origin of an accepted line."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .suggestion import EditorSuggestion

_KEPT = 200
_DISTINCTIVE = 8
"""Minimum characters of a line that is recognised. Shorter lines occur everywhere."""


class RecentSuggestions:
    """The latest suggestions of all documents, with their lines stripped of white space."""

    def __init__(self) -> None:
        self._kept: deque[tuple[str, tuple[str, ...], EditorSuggestion]] = deque(maxlen=_KEPT)

    def note(self, uri: str, found: Sequence[EditorSuggestion]) -> None:
        """Remember what was suggested for a document."""
        for one in found:
            lines = tuple(line.strip() for line in one.text.strip().split("\n"))
            self._kept.append((uri, lines, one))

    def origin(self, uri: str, line: str, above: str, below: str) -> tuple[EditorSuggestion, int] | None:
        """The latest suggestion that contains a line, and the line's index in it; None if there is none.

        The lines above and below must match the suggestion, too, unless it begins or ends there.
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
