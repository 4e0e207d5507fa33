"""Write to the disk what the system holds of files and folders, while other threads run.

The engine's own flush holds the interpreter's lock while it waits for the disk. Half of that wait is over
once the system has written what it can.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_back(folder: Path) -> None:
    """Have the system write the files below a folder to the disk.

    What cannot be written here the engine will not be able to write either, and says so.
    """
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                sync(Path(parent, name))


def sync(path: Path) -> None:
    """Have a file's content, or the names in a folder, on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
