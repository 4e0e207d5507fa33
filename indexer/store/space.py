"""Checks free disk space: the embedded engine maps its files, so a full disk would kill the process."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from ..errors import DiskFull

ENGINE_BYTES = 64 * 1024 * 1024
"""Bytes of disk space that the engine's log may take when a shard is opened or a batch is written."""


def free_bytes(folder: Path) -> int:
    """The bytes that an ordinary user may write on the file system of `folder`. `folder` need not exist."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def used_bytes(folder: Path) -> int:
    """The bytes that the files below a folder take on disk. Returns 0 if the folder does not exist."""
    found = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # deleted meanwhile
                found += Path(parent, name).lstat().st_blocks * 512
    return found


def check_space(folder: Path, needed: int) -> None:
    """Raise DiskFull if fewer than `needed` bytes are free on the file system of `folder`."""
    free = free_bytes(folder)
    if free < needed:
        raise DiskFull(
            f"not enough disk space for the index {folder}: {free >> 20} MB free, {-(-needed >> 20)} MB "
            f"needed; free some, or keep the index on another disk, then run the command again"
        )
