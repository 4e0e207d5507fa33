"""Releases memory of an idle host.

The engine maps its files into memory. Most of the mapped pages are empty or are read only once. These pages
count as memory of the process, although the system caches the files anyway. When a page is released, no data
are lost, and if the page is needed again, it is mapped within microseconds.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from pathlib import Path

_DONTNEED = 4
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+ +(/.*)")


def freeze_loaded() -> None:
    """Exclude all objects that exist now from garbage collection, because a collection pauses every thread.

    The thresholds of the collector are not raised, because a few new objects may hold large syntax trees.
    """
    gc.collect()
    gc.freeze()


def release(folder: Path) -> None:
    """Release mapped pages of files below `folder`, and freed heap memory. Does nothing except on Linux."""
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    for start, length in mapped(folder):
        # This is safe only for shared file mappings: data that was written there is in the page cache.
        library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _DONTNEED)
    trim = getattr(library, "malloc_trim", None)  # glibc only
    if trim is not None:
        trim(0)


def mapped(folder: Path) -> list[tuple[int, int]]:
    """The addresses and lengths of the shared mappings of files below `folder`."""
    try:
        lines = Path("/proc/self/maps").read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
    below = os.path.realpath(folder) + "/"
    found = (_MAPPING.fullmatch(line) for line in lines)
    return [
        (int(one[1], 16), int(one[2], 16) - int(one[1], 16))
        for one in found
        if one and one[3].endswith("s") and one[4].startswith(below)
    ]
