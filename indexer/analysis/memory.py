"""How much memory a worker may take: more for one file fails, more in the end has it replaced.

Where the system does not tell (no /proc), there is no limit.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1_000_000


def limit(megabytes: int) -> None:
    """Let this process reserve so much more than it has now; 0 is no limit.

    What is beyond fails: in Python as a MemoryError, in native code as the end of the process.
    """
    size = _pages()[0] * _PAGE
    if not (megabytes and size):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size + megabytes * _MEGABYTE
    resource.setrlimit(
        resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def grown(megabytes: int) -> bool:
    """Whether this process holds more than half of what one file may take, with no file in work."""
    return bool(megabytes) and _pages()[1] * _PAGE > megabytes * _MEGABYTE // 2


def _pages() -> tuple[int, int]:
    """Pages that are reserved, and pages that are in memory; zeros where the system does not tell."""
    try:
        size, resident, *_ = _STATM.read_text("ascii").split()
    except OSError:
        return 0, 0
    return int(size), int(resident)
