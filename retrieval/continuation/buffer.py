"""The text of an editor's buffer, and places in it."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.errors import UsageError

from . import line_ends
from .indentation import Indentation


@dataclass(frozen=True, slots=True)
class Buffer:
    """A text that may differ from the file at `path` (relative to the root; "" for none), with any line ends.

    `language` is a name as the index has it. `indentation` is how a text without an indented line is to be
    indented; None where nobody says so.
    """

    path: str
    text: str
    language: str
    indentation: Indentation | None = None

    @property
    def lines(self) -> int:
        """How many lines there are; an empty one behind the last line end counts."""
        return line_ends.unified(self.text).count("\n") + 1

    def offset(self, line: int, column: int | None = None) -> int:
        """Where a place is in the text with unified line ends, in code points; both count from 1.

        Without a column the end of the line; a column behind it counts as its end. Raises UsageError for a
        line that the text does not have.
        """
        if line < 1 or (column is not None and column < 1):
            raise UsageError(f"{self.path or 'the text'}:{line}: lines and columns count from 1")
        text, start = line_ends.unified(self.text), 0
        for _ in range(line - 1):
            start = text.find("\n", start) + 1
            if start == 0:
                raise UsageError(
                    f"{self.path or 'the text'}:{line}: there are {self.lines} lines; name one of them"
                )
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        return end if column is None else min(start + column - 1, end)
