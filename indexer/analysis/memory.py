"""The memory limits of a worker: how much memory it may add, and at which size it is replaced.

On systems without /proc, there are no limits.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1_000_000


def limit_growth(megabytes: int) -> None:
    """Limit how much address space this process may reserve beyond the present size; 0 sets no limit.

    At the limit, Python code raises MemoryError, and native code ends the process.
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
    """Whether this process uses more than half of the memory that one file may take.

    Call it between files.
    """
    return bool(megabytes) and _pages()[1] * _PAGE > megabytes * _MEGABYTE // 2


def _pages() -> tuple[int, int]:
    """The numbers of reserved and of resident pages of this process. Both are 0 without /proc."""
    try:
        size, resident, *_ = _STATM.read_text("ascii").split()
    except OSError:
        return 0, 0
    return int(size), int(resident)
