"""How an index writes a path: relative to its root, out of real paths, as valid Unicode."""

from __future__ import annotations

import os
from pathlib import Path


def real_path(path: str | os.PathLike[str]) -> Path:
    """The absolute path without symlinks and dots, whether the file exists or not."""
    return Path(os.path.realpath(path))


def written(path: Path) -> str:
    """The path as text: bytes of a name that are not UTF-8 become `\\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def path_below(root: Path, location: Path) -> str:
    """How the index of `root` writes the file at `location`; "" for the root itself and what is not below it.

    Both must be real paths: the same file has many spellings.
    """
    if location == root or not location.is_relative_to(root):
        return ""
    return written(location.relative_to(root))
