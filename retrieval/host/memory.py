"""What a host gives back to the system while nobody asks it anything.

The engine maps its files into memory, much of them empty and touched only once. Such pages count as the
process's own, although the system has them in its cache anyway: letting go of them loses nothing, and what is
asked for next is mapped again within microseconds.
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


def resident() -> int:
    """Bytes of memory that this process has, 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def settled() -> None:
    """What is loaded by now stays: the collector, which stops everything, need not look at it again.

    It looks as often as ever at what is new: few objects may hold large syntax trees.
    """
    gc.collect()
    gc.freeze()


def give_back(folder: Path) -> None:
    """Let go of what is mapped of the files below `folder`, and of what was freed; nothing but on Linux."""
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    for start, length in mapped(folder):
        # Only of shared mappings of files: what was written there is in the system's cache, not lost.
        library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _DONTNEED)
    trim = getattr(library, "malloc_trim", None)  # of GNU's library alone
    if trim is not None:
        trim(0)


def mapped(folder: Path) -> list[tuple[int, int]]:
    """Addresses and lengths of the shared mappings of files below `folder`."""
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
