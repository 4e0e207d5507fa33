"""A suggestion for the editor, and the recent ones, which tell the origin of an accepted line."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from .roots import Root

_KEPT = 200
_DISTINCTIVE = 8
"""Minimum characters of a line that is recognised. Shorter lines occur everywhere."""


@dataclass(frozen=True, slots=True)
class EditorSuggestion:
    """Text to insert, and the origin of the text: lines of the file `path` in `root`. Lines count from 1.

    The line ends of `text` are always "\\n". VS Code and other clients convert them to the line ends of the
    document. Neovim and Emacs use only "\\n" in their buffers, and would show "\\r" as a character.
    """

    text: str
    root: Root
    path: str
    start_line: int
    end_line: int
    symbol: str
    language: str
    confidence: float

    @property
    def origin(self) -> str:
        """The origin, as text for the user."""
        return f"{self.path}:{self.start_line}" + (f" {self.symbol}" if self.symbol else "")

    @property
    def uri(self) -> str:
        """The origin, as a link. Editors open the file of the link at the first line of the origin."""
        return f"{self.root.uri_of(self.path)}#L{self.start_line}"


class RecentSuggestions:
    """The latest suggestions of all documents, with their lines stripped of white space."""

    def __init__(self) -> None:
        self._kept: deque[tuple[str, tuple[str, ...], EditorSuggestion]] = deque(maxlen=_KEPT)

    def note(self, uri: str, found: Sequence[EditorSuggestion]) -> None:
        """Remember what was suggested for a document."""
        for one in found:
            lines = tuple(line.strip() for line in one.text.strip().split("\n"))
            self._kept.append((uri, lines, one))

    def origin(self, uri: str, line: str, above: str, below: str) -> EditorSuggestion | None:
        """The latest suggestion that contains a line; None if there is none.

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
                    return one
        return None
