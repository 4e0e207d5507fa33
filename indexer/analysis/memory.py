"""The memory limits of a worker: how much it may grow, and the size from which it is replaced.

Systems without /proc have no limits.
"""

from __future__ import annotations

import resource

from ..limits import memory_used

_MEGABYTE = 1_000_000


def limit_growth(megabytes: int) -> None:
    """Limit how much more address space this process may reserve; 0 is no limit.

    Beyond the limit, Python raises MemoryError, and native code ends the process.
    """
    size, _ = memory_used()
    if not (megabytes and size):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size + megabytes * _MEGABYTE
    resource.setrlimit(
        resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def is_large(megabytes: int) -> bool:
    """Whether this process, between two files, uses more than half of the memory that one file may take."""
    return bool(megabytes) and memory_used()[1] > megabytes * _MEGABYTE // 2
