"""The text of an editor's buffer, and places in it."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Buffer:
    """A text that may differ from the file at `path` (relative to the root; "" for none).

    `language` is a name as the index has it.
    """

    path: str
    text: str
    language: str

    def offset(self, line: int, column: int | None = None) -> int:
        """Where a place is in the text, in code points; lines and columns count from 1.

        Without a column the end of the line; a column behind it counts as its end. Raises UsageError for a
        line that the text does not have.
        """
        if line < 1 or (column is not None and column < 1):
            raise UsageError(f"{self.path or 'the text'}:{line}: lines and columns count from 1")
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
            if start == 0:
                raise UsageError(
                    f"{self.path or 'the text'}:{line}: there are {self.text.count(chr(10)) + 1} lines; "
                    f"name one of them"
                )
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return end if column is None else min(start + column - 1, end)
