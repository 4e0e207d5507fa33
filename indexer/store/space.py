"""Checks free disk space, because a full disk kills the process: the embedded engine maps its files."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import DiskFull

ENGINE_BYTES = 64 * 1024 * 1024
"""Bytes that the engine may take for its log when it opens a shard or writes a batch (45 MB measured)."""


def free_bytes(folder: Path) -> int:
    """The free bytes for an ordinary user on the file system of `folder`, which need not exist."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def check_space(folder: Path, needed: int) -> None:
    """Raise DiskFull if fewer than `needed` bytes are free."""
    free = free_bytes(folder)
    if free < needed:
        raise DiskFull(
            f"not enough disk space for the index {folder}: {free >> 20} MB free, {-(-needed >> 20)} MB "
            f"needed; free some, or keep the index on another disk, then run the command again"
        )
