"""A suggestion for the editor."""

from __future__ import annotations

from dataclasses import dataclass

from .roots import Root


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
