"""Converts the URIs of a client to paths, and reads the files at these paths without blocking.

A client may name anything: a file of another machine, a pipe, a device. Every URI from a client is converted
by `file_of`, and the file is read only by `read_bytes`.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from indexer.file_uri import path_of
from indexer.parsing import encodings
from indexer.paths import real_path
from indexer.safe_read import read_regular

_CELL = "vscode-notebook-cell"


def file_of(uri: str) -> Path | None:
    """The absolute path of a `file:` URI of this machine. Symlinks in the path are not resolved.

    Returns None for any other URI.
    """
    return path_of(uri)


def notebook_of(uri: str) -> Path | None:
    """The path of the notebook that contains the cell with this URI. Returns None for any other URI."""
    return path_of(uri, _CELL)


def read_text(path: Path, limit: int) -> str:
    """The text of a regular file of at most `limit` bytes, decoded as for the index. Raises OSError."""
    return encodings.text_of(read_bytes(path, limit))


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises OSError if the file cannot be read, is not a regular file, or has more than `limit` bytes. Never
    waits for the writer of a pipe.
    """
    real = real_path(path)
    if not stat.S_ISREG(os.lstat(real).st_mode):  # Even opening a device may have an effect.
        raise OSError(errno.EINVAL, "not a regular file")
    data, _ = read_regular(real, limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data
