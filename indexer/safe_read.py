"""Reads a file safely: since it was listed, it may have become a pipe, a link, a folder or a larger file."""

from __future__ import annotations

import errno
import os
import stat

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1 << 20


def read_regular(
    location: str | bytes | os.PathLike[str], limit: int, *, follow_links: bool = False
) -> tuple[bytes, os.stat_result]:
    """The first `limit` bytes of a regular file, and the file's status just before it was read.

    Raises OSError if the file cannot be read, is not a regular file, or, without `follow_links`, is a link.
    Does not wait for a writer.
    """
    handle = os.open(location, _FLAGS if follow_links else _FLAGS | os.O_NOFOLLOW)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        parts = []
        while limit > 0 and (part := os.read(handle, min(limit, _CHUNK))):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts), status
    finally:
        os.close(handle)
