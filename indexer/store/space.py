"""Free disk space: the embedded engine writes through mapped memory, so a full disk kills the process."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import DiskFull


def free_bytes(folder: Path) -> int:
    """Free space in bytes for an ordinary user on the file system that holds, or will hold, `folder`."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def check_space(folder: Path, needed: int) -> None:
    """Raise DiskFull when fewer than `needed` bytes are free."""
    free = free_bytes(folder)
    if free < needed:
        raise DiskFull(
            f"not enough disk space for the index {folder}: {free >> 20} MB free, {-(-needed >> 20)} MB "
            f"needed; free some, or keep the index on another disk, then run the command again"
        )
