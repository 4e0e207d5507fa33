"""A suggestion for the editor."""

from __future__ import annotations

from dataclasses import dataclass

from .roots import Root


@dataclass(frozen=True, slots=True)
class EditorSuggestion:
    """Text to insert, and the lines (from 1) of a file of `root` that it comes from.

    Its line ends are always "\\n": VS Code and other clients convert them to those of the document, and
    Neovim and Emacs, whose buffers have no others, would show "\\r" as a character.
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
        """The origin, for the user."""
        return f"{self.path}:{self.start_line}" + (f" {self.symbol}" if self.symbol else "")

    @property
    def uri(self) -> str:
        """The origin, as a link that editors open at the line."""
        return f"{self.root.uri_of(self.path)}#L{self.start_line}"
