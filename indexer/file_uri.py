"""Converts URIs of files to paths."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

FILE = "file"
_LOCAL_HOSTS = ("", "localhost")
_MAX_PATH = 4096
"""A path with more than this number of bytes is refused.

No system opens longer paths, and longer paths are slow to parse.
"""


def path_of(uri: str, scheme: str = FILE) -> Path | None:
    """The absolute path of a URI of this machine. Symlinks in the path are not resolved.

    Returns None for any other URI.
    """
    found, _, rest = uri.partition(":")
    if found.lower() != scheme:
        return None
    host = ""
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest
    if host.lower() not in _LOCAL_HOSTS:
        return None
    try:
        raw = unquote_to_bytes(rest.partition("#")[0].partition("?")[0])
    except UnicodeEncodeError:  # a lone surrogate
        return None
    if not raw.startswith(b"/") or b"\0" in raw or len(raw) > _MAX_PATH:
        return None
    return Path(os.fsdecode(b"/" + raw.lstrip(b"/")))
