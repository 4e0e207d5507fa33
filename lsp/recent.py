"""The suggestions that were made last, to tell where an accepted line comes from."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .suggestion import EditorSuggestion

_KEPT = 200
_TELLING = 8
"""A line of fewer characters is everywhere."""


class RecentSuggestions:
    """The last suggestions of all documents: their lines, without the white space around them."""

    def __init__(self) -> None:
        self._kept: deque[tuple[str, tuple[str, ...], EditorSuggestion]] = deque(maxlen=_KEPT)

    def note(self, uri: str, found: Sequence[EditorSuggestion]) -> None:
        """Remember what was suggested for a document."""
        for one in found:
            lines = tuple(line.strip() for line in one.text.strip().split("\n"))
            self._kept.append((uri, lines, one))

    def origin(self, uri: str, line: str, above: str, below: str) -> tuple[EditorSuggestion, int] | None:
        """The latest suggestion that a line came from, and which of its lines it is.

        The lines above and below it must be the suggestion's, too, unless it begins or ends there.
        """
        text = line.strip()
        if len(text) < _TELLING:
            return None
        for owner, lines, one in reversed(self._kept):
            if owner != uri:
                continue
            for number, own in enumerate(lines):
                whole = own == text or (number == 0 and text.endswith(own) and len(own) >= _TELLING)
                before = number == 0 or lines[number - 1] == above.strip() or number == 1
                after = number + 1 == len(lines) or lines[number + 1] == below.strip()
                if whole and before and after:
                    return one, number
        return None
