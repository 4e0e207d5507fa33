"""Makes paths as the index stores them: relative to the root, without links, in valid Unicode."""

from __future__ import annotations

import os
import re
from pathlib import Path


def real_path(path: str | os.PathLike[str]) -> Path:
    """The absolute path without symlinks, `.` and `..`. The file need not exist."""
    return Path(os.path.realpath(path))


def show(raw: bytes) -> str:
    """A path or pattern as text. Bytes that are not UTF-8 become `\\xNN`."""
    return raw.decode("utf-8", "backslashreplace")


_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


def location_of(root: Path, path: str) -> Path:
    """The place on disk of a file of a root, given its path in the index, in which `\\xNN` may be a byte."""
    plain = Path(root, os.fsdecode(path.encode("utf-8", "surrogateescape")))
    if "\\x" not in path or os.path.lexists(plain):
        return plain
    raw = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), path.encode("utf-8", "surrogateescape"))
    return Path(root, os.fsdecode(raw))


def path_text(path: Path) -> str:
    """The path as text. Bytes that are not UTF-8 become `\\xNN`."""
    return show(os.fsencode(path))


def path_below(root: Path, location: Path) -> str:
    """The path of `location` in the index of `root`. Returns "" if `location` is not below `root`.

    Both must be real paths, because a file may have several names.
    """
    if location == root or not location.is_relative_to(root):
        return ""
    return path_text(location.relative_to(root))
