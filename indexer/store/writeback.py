"""Syncs files and folders to the disk while other threads run.

The engine's own flush holds the interpreter lock while it waits for the disk. If the files are synced before
the flush, this wait is half as long.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_back(folder: Path) -> None:
    """Sync all files below a folder. Errors are ignored, because the engine's own flush reports them."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                sync(Path(parent, name))


def sync(path: Path) -> None:
    """Sync the content of a file, or the entries of a folder, to the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
