"""The text of an editor's buffer, and positions in it."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.errors import UsageError

from . import line_ends
from .indentation import IndentStyle


@dataclass(frozen=True, slots=True)
class EditorBuffer:
    """A text that may differ from the file at `path` (relative to the root, "" if there is none).

    `language` is a name as in the index. `indentation` is the style for a text without indented lines, or
    None if unknown. The text may have any line ends.
    """

    path: str
    text: str
    language: str
    indentation: IndentStyle | None = None

    @property
    def lines(self) -> int:
        """The number of lines, including an empty one after the last line end."""
        return line_ends.unified(self.text).count("\n") + 1

    def offset(self, line: int, column: int | None = None) -> int:
        """The offset of a position in the text with unified line ends, in code points.

        `line` and `column` count from 1. Without a column, or with one after the end of the line, returns the
        end of the line. Raises UsageError if there is no such line.
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
