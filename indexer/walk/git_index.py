"""Reads the tracked files from a repository's index file, if git is missing or refuses the repository.

This module reads versions 2 to 4 of the format (see `gitformat-index`). It ignores the repository's
configuration and runs no program.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from ..safe_read import read_regular
from .worktrees import git_directory

_MAX_BYTES = 1 << 29
"""Size in bytes of the largest index file that is read. A million files take a quarter of this size."""
_STATUS = 40
"""Number of bytes in an entry before the object's id. These bytes hold times, inode, mode, owner and size."""
_MODES = frozenset({0o100644, 0o100755, 0o120000, 0o160000})  # file, program, link, submodule


class Unreadable(Exception):
    """The index file cannot be read, is damaged or has an unknown format."""


def tracked(top: bytes) -> tuple[list[bytes], list[bytes]]:
    """The paths of the tracked files, and those of the submodules, of the work tree `top`.

    Raises Unreadable.
    """
    try:
        data, _ = read_regular((git_directory(top) or top + b"/.git") + b"/index", _MAX_BYTES)
        entries = list(_entries(data))
    except FileNotFoundError:
        return [], []  # nothing was ever added
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise Unreadable(str(error)) from error
    files = dict.fromkeys(path for mode, path in entries if mode in _MODES and mode != 0o160000)
    return list(files), [path for mode, path in entries if mode == 0o160000]


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The mode and path of each entry."""
    magic, version, count = struct.unpack_from(">4sII", data)
    if magic != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index file of git")
    size = next((n for n in (20, 32) if _has_valid_checksum(data, n)), 0)
    if not size:
        raise ValueError("its checksum is wrong")
    at, path = 12, b""
    for _ in range(count):
        (mode,) = struct.unpack_from(">I", data, at + 24)
        (flags,) = struct.unpack_from(">H", data, at + _STATUS + size)
        start = at + _STATUS + size + 2 + (2 if version > 2 and flags & 0x4000 else 0)
        if version == 4:  # a path begins with the number of bytes to cut from the end of the previous path
            cut, start = _number(data, start)
            kept = path[: len(path) - cut]
        else:
            kept = b""
        end = data.index(b"\0", start)
        path = kept + data[start:end]
        at = end + 1 if version == 4 else at + ((end - at + 8) & ~7)
        yield mode, path
    if data[at : at + 4] == b"link":
        raise ValueError("a split index")


def _has_valid_checksum(data: bytes, size: int) -> bool:
    digest = hashlib.sha1(data[:-size], usedforsecurity=False) if size == 20 else hashlib.sha256(data[:-size])
    return data[-size:] == digest.digest() or (size == 20 and not any(data[-size:]))  # index.skipHash


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The number of variable length at an offset, and the offset after the number."""
    byte = data[at]
    value = byte & 127
    while byte & 128:
        at += 1
        byte = data[at]
        value = ((value + 1) << 7) | (byte & 127)
    return value, at + 1
