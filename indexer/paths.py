"""Makes paths as the index stores them: relative to the root, without links, in valid Unicode."""

from __future__ import annotations

import os
from pathlib import Path


def real_path(path: str | os.PathLike[str]) -> Path:
    """The absolute path without symlinks, `.` and `..`. The file need not exist."""
    return Path(os.path.realpath(path))


def show(raw: bytes) -> str:
    """A path or pattern as text. Bytes that are not UTF-8 become `\\xNN`."""
    return raw.decode("utf-8", "backslashreplace")


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
