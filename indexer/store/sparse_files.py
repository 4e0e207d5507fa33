"""Copies folders of sparse files. The engine's files are sparse: most of their length is never written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_CHUNK = 1 << 20


def allocated_bytes(folder: Path) -> int:
    """The bytes that the files below a folder take on disk, without the holes in sparse files."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(f"{place}/{name}").st_blocks * 512
            except OSError:
                continue  # deleted meanwhile by an update
    return total


def copy(source: Path, target: Path) -> None:
    """Copy the regular files and folders below a folder, keep the files' holes, and sync the copied files.

    Raises OSError.
    """
    target.mkdir(mode=0o700)
    for entry in sorted(os.scandir(source), key=lambda one: one.name):
        if entry.is_dir(follow_symlinks=False):
            copy(source / entry.name, target / entry.name)
        elif entry.is_file(follow_symlinks=False):
            _copy_file(source / entry.name, target / entry.name)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("xb") as new:
        size = os.fstat(old.fileno()).st_size
        end = 0
        while (start := _seek(old.fileno(), end, os.SEEK_DATA, size)) < size:
            end = _seek(old.fileno(), start, os.SEEK_HOLE, size)
            old.seek(start)
            new.seek(start)
            while start < end and (part := old.read(min(_CHUNK, end - start))):
                start += new.write(part)
        new.truncate(size)
        new.flush()
        os.fsync(new.fileno())


def _seek(handle: int, start: int, what: int, size: int) -> int:
    """The offset of the next data or hole (`what`) at or after `start`. Returns `size` if there is none."""
    try:
        return os.lseek(handle, start, what)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return size
        raise
