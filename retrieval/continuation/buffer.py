"""The text of an editor's buffer, and positions in it."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.errors import UsageError

from . import line_ends
from .indentation import IndentStyle


@dataclass(frozen=True, slots=True)
class EditorBuffer:
    """A text in an editor, which may differ from the file at `path`.

    `path` is relative to the root, or "" if the text has no file. `text` may have any line ends. `language`
    is the name of a language as in the index. `indentation` is the style to use if no line of the text is
    indented; None means that this style is unknown.
    """

    path: str
    text: str
    language: str
    indentation: IndentStyle | None = None

    @property
    def lines(self) -> int:
        """The number of lines, including an empty line after the last line end."""
        return line_ends.unified(self.text).count("\n") + 1

    def offset(self, line: int, column: int | None = None) -> int:
        """The offset of a position in the text with unified line ends, in code points.

        `line` and `column` count from 1. Returns the end of the line if `column` is None or after the end of
        the line. Raises UsageError if there is no such line, or if `column` is less than 1.
        """
        if line < 1 or (column is not None and column < 1):
            raise UsageError(f"{self.path or 'the text'}:{line}: lines and columns count from 1")
        lines = line_ends.unified(self.text).split("\n")
        if line > len(lines):
            raise UsageError(
                f"{self.path or 'the text'}:{line}: there are {len(lines)} lines; name one of them"
            )
        start = sum(len(one) + 1 for one in lines[: line - 1])
        end = start + len(lines[line - 1])
        return end if column is None else min(start + column - 1, end)
