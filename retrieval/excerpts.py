"""Reads the lines around a hit from the file on disk, if the file has not changed since it was indexed."""

from __future__ import annotations

import os
from pathlib import Path

from indexer.fragment import Skipped
from indexer.index.index import Index
from indexer.parsing.source import Source, read
from indexer.walk.walk import source_file

from .result import Excerpt, Hit


def excerpt_around(index: Index, hit: Hit, lines: int) -> Excerpt:
    """Returns the hit's text with `lines` lines before and after the hit.

    Returns the hit's text alone if the file cannot be read or has changed since it was indexed.
    """
    stored = Excerpt(hit.start_line, hit.text)
    if lines == 0:
        return stored
    source = _unchanged(index, hit.path)
    if source is None:
        return stored
    all_lines = source.text.decode("utf-8").removesuffix("\n").split("\n")
    first = max(hit.start_line - lines, 1)
    return Excerpt(first, "\n".join(all_lines[first - 1 : hit.end_line + lines]))


def _unchanged(index: Index, path: str) -> Source | None:
    """Returns the file's source. Returns None if the path leads outside the root, or if the file is not
    indexed, cannot be read, or has changed since it was indexed."""
    entry = index.manifest.entry(path)
    location = Path(index.root, path)
    # The path comes from the store, and other users may be able to write to a store on a server.
    inside = Path(os.path.realpath(location)) == location and location.is_relative_to(index.root)
    if entry is None or not inside:
        return None
    source = read(source_file(index.root, path, location), index.config.max_file_bytes)
    return None if isinstance(source, Skipped) or source.digest != entry.digest else source
