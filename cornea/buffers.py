"""The content of a file of the root as a buffer, as an editor would have it open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.fragment import Skipped
from indexer.parsing.languages import language_of
from indexer.parsing.source import read
from indexer.walk.walk import source_file

from .context import Context
from .places import location_of

if TYPE_CHECKING:  # imports numpy, which takes 100 ms
    from retrieval.continuation.buffer import EditorBuffer


def file_buffer(file: str, context: Context, what: str = "cannot make suggestions") -> EditorBuffer:
    """A buffer with a file's content on disk.

    Raises UsageError if the file is not in the root, or is one that Cornea does not read. The message of the
    latter begins with the path and `what`.
    """
    from retrieval.continuation.buffer import EditorBuffer

    spot = location_of(file, 1, context)
    source = read(source_file(context.root, spot.path, spot.location), context.config.max_file_bytes)
    if isinstance(source, Skipped):
        raise UsageError(f"{spot.path}: {what} ({source.reason}); name another file")
    text = source.as_written()
    return EditorBuffer(spot.path, text, language_of(source.file, source.text))
