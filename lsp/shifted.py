"""Maps a line of an unsaved document to the saved file, which the index knows."""

from __future__ import annotations

from .documents import Document, lines_of
from .files import read_text

_MAX_BYTES = 8_000_000
"""Largest file that is read, in bytes; larger ones are not indexed."""


def line_on_disk(document: Document, line: int) -> int:
    """The line (from 1) of the file that best corresponds to a line of the document.

    Lines above the first change keep their numbers; lines below the last one are shifted by the same amount.
    """
    try:
        disk = lines_of(read_text(document.path, _MAX_BYTES)) if document.path else []
    except OSError:
        return line
    return shifted([one.rstrip("\r\n") for one in document.lines], [one.rstrip("\r\n") for one in disk], line)


def shifted(ours: list[str], theirs: list[str], line: int) -> int:
    """The line (from 1) of `theirs` that corresponds to a line of `ours`."""
    short = min(len(ours), len(theirs))
    above = next((n for n in range(short) if ours[n] != theirs[n]), short)
    below = next((n for n in range(short - above) if ours[-1 - n] != theirs[-1 - n]), short - above)
    if line <= above:
        return line
    if line > len(ours) - below:
        return line + len(theirs) - len(ours)
    return max(1, min(line, len(theirs) - below, len(theirs)))
