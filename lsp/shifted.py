"""Maps a line of an unsaved document to a line of the saved file, because the index has the saved file."""

from __future__ import annotations

from .documents import Document, lines_of
from .files import read_text

_MAX_BYTES = 8_000_000
"""A file with more than this number of bytes is not read, because such a file is not indexed either."""


def line_on_disk(document: Document, line: int) -> int:
    """The line of the saved file that corresponds best to a line of the document. Lines count from 1.

    Lines above the first change keep their numbers. Lines below the last change are all shifted by the same
    number of lines. Returns `line` if the file cannot be read.
    """
    try:
        disk = lines_of(read_text(document.path, _MAX_BYTES)) if document.path else []
    except OSError:
        return line
    return shifted([one.rstrip("\r\n") for one in document.lines], [one.rstrip("\r\n") for one in disk], line)


def shifted(ours: list[str], theirs: list[str], line: int) -> int:
    """The line of `theirs` that corresponds to the line `line` of `ours`. Lines count from 1."""
    short = min(len(ours), len(theirs))
    above = next((n for n in range(short) if ours[n] != theirs[n]), short)
    below = next((n for n in range(short - above) if ours[-1 - n] != theirs[-1 - n]), short - above)
    if line <= above:
        return line
    if line > len(ours) - below:
        return line + len(theirs) - len(ours)
    return max(1, min(line, len(theirs) - below, len(theirs)))
