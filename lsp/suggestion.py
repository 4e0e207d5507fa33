"""A suggestion as the features show it."""

from __future__ import annotations

from dataclasses import dataclass

from .roots import Root


@dataclass(frozen=True, slots=True)
class EditorSuggestion:
    """Text to insert, and the lines (from 1) of `root` that it comes from.

    Its line ends are "\\n" in every document: VS Code and other clients write the document's own, and Neovim
    and Emacs, whose buffers have no others, would show "\\r" as a character.
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
        """Where it comes from, for people."""
        return f"{self.path}:{self.start_line}" + (f" {self.symbol}" if self.symbol else "")

    @property
    def uri(self) -> str:
        """Where it comes from, as a link that editors open at the line."""
        return f"{self.root.uri_of(self.path)}#L{self.start_line}"
