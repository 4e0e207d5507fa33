"""The memory limits of a worker: how much it may grow, and the size from which it is replaced.

Systems without /proc have no limits.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1_000_000


def limit_growth(megabytes: int) -> None:
    """Limit how much more address space this process may reserve; 0 is no limit.

    Beyond the limit, Python raises MemoryError, and native code ends the process.
    """
    size = _pages()[0] * _PAGE
    if not (megabytes and size):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size + megabytes * _MEGABYTE
    resource.setrlimit(
        resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def is_large(megabytes: int) -> bool:
    """Whether this process, between two files, uses more than half of the memory that one file may take."""
    return bool(megabytes) and _pages()[1] * _PAGE > megabytes * _MEGABYTE // 2


def _pages() -> tuple[int, int]:
    """Reserved and resident pages; zeros without /proc."""
    try:
        size, resident, *_ = _STATM.read_text("ascii").split()
    except OSError:
        return 0, 0
    return int(size), int(resident)
