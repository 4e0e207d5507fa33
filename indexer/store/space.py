"""Free disk space: the embedded engine writes through mapped memory, so a full disk kills the process."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from ..errors import DiskFull

ENGINE_BYTES = 64 * 1024 * 1024
"""Free space that the engine may take at once for its log, on opening or within a batch: 45 MB measured."""


def free_bytes(folder: Path) -> int:
    """Free space in bytes for an ordinary user on the file system that holds, or will hold, `folder`."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def used_bytes(folder: Path) -> int:
    """What the files below a folder take of the disk, in bytes; 0 where there is none."""
    found = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it went away meanwhile
                found += Path(parent, name).lstat().st_blocks * 512
    return found


def check_space(folder: Path, needed: int) -> None:
    """Raise DiskFull when fewer than `needed` bytes are free."""
    free = free_bytes(folder)
    if free < needed:
        raise DiskFull(
            f"not enough disk space for the index {folder}: {free >> 20} MB free, {-(-needed >> 20)} MB "
            f"needed; free some, or keep the index on another disk, then run the command again"
        )
