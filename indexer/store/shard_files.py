"""Finds, measures, copies, syncs and deletes the files of a shard.

The files are sparse: most of their length is never written. The engine's own flush holds the interpreter lock
while it waits for the disk. If the files are synced before the flush, while other threads run, this wait is
half as long.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from ..errors import StoreDamaged, StoreError
from ..limits import statuses_below

CONFIG_FILE = "edge_config.json"
"""The file that the engine writes into every shard."""
_CHUNK = 1 << 20


def holds_shard(folder: Path) -> bool:
    """Whether `folder` holds a shard. Returns False if `folder` is empty or missing.

    Raises StoreDamaged if `folder` holds something else, because the engine would write into any folder.
    Raises StoreError if `folder` cannot be read.
    """
    try:
        if (folder / CONFIG_FILE).is_file():
            return True
        if any(folder.iterdir()):
            raise StoreDamaged(
                f"the folder {folder} holds something other than an index",
                "choose another folder for the index, or delete that one, and run `cornea index`",
            )
        return False
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        raise StoreDamaged(
            f"{folder} is a file, not an index", "move it away, then run `cornea index`"
        ) from None
    except OSError as error:
        raise StoreError(
            f"cannot read the index {folder} ({error.strerror}): check its permissions"
        ) from error


def allocated_bytes(folder: Path) -> int:
    """The bytes that the files below a folder take on disk, without holes; 0 if there is no such folder."""
    return sum(status.st_blocks * 512 for status in statuses_below(folder))


def copy(source: Path, target: Path) -> None:
    """Copy the regular files below a folder, with their holes, and sync the copies. Raises OSError."""
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


def remove_tree(path: Path, *, folders_only: bool = False) -> None:
    """Delete a file or a folder, if it exists. A link is deleted, but not its target. Raises StoreError.

    With `folders_only`, files and links stay.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif not folders_only:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be removed ({error.strerror}); check its permissions") from error


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
