"""Limits of the system that a process runs into: none of them is damage, and each has a remedy of its own.

A limit shows as the number of a system error, as its text within an engine's message, or, where SQLite says
only that it failed, by looking which limit is in force.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
from contextlib import suppress
from pathlib import Path

from .errors import DiskFull, StoreError

if sys.platform != "win32":
    import resource

ENGINE_ADDRESSES = 192 << 20
"""Bytes of address space that opening a shard takes besides its files."""

_REMEDIES = {
    errno.EFBIG: "the limit of a file's size (ulimit -f) is reached; raise it, then run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space, or keep the index elsewhere (CORNEA_HOME)",
    errno.ENOSPC: "the disk is full; free some space, then run the command again",
    errno.EROFS: "that file system is read-only; keep the index elsewhere (CORNEA_HOME)",
    errno.EMFILE: "the limit of open files (ulimit -n) is reached; raise it, then run the command again",
    errno.ENFILE: "the system's limit of open files is reached; end some other programs",
    errno.ENOMEM: "there is not enough memory; free some, or raise the limit (ulimit -v)",
    errno.EAGAIN: "the limit of processes (ulimit -u) is reached; raise it, or end some other programs",
}
_FULL = (errno.ENOSPC, errno.EDQUOT)


def remedy(number: int | None) -> str:
    """Which limit a system error is, and what to do; "" for any other error."""
    return _REMEDIES.get(number or 0, "")


def reached(text: str) -> int:
    """The system error of a limit that an engine's message tells of, 0 for none.

    EAGAIN is left out: for an engine it means that somebody else holds the file.
    """
    numbers = [number for number in _REMEDIES if number != errno.EAGAIN]
    for number in numbers:
        if f"(os error {number})" in text or f"code: {number}," in text:
            return number
    # Longer texts first: one may begin with another.
    by_length = sorted(numbers, key=lambda number: -len(os.strerror(number)))
    return next((number for number in by_length if os.strerror(number) in text), 0)


def error_of(number: int, what: str) -> StoreError | None:
    """The error for the user where `what` failed by a limit; None where the number is none of a limit's."""
    advice = remedy(number)
    if not advice:
        return None
    return (DiskFull if number in _FULL else StoreError)(f"{what}: {advice}")


def in_force(folder: Path) -> int:
    """The system error of the limit that keeps files from being opened or written in `folder`, 0 for none.

    For failures of which only that is known: it is tried.
    """
    probe = folder / f".probe-{os.getpid()}"
    try:
        handle = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            os.write(handle, bytes(mmap.PAGESIZE))
        finally:
            os.close(handle)
            probe.unlink(missing_ok=True)
    except OSError as error:
        return error.errno or 0 if remedy(error.errno) else 0
    if sys.platform != "win32" and resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
        return errno.EFBIG
    return 0


def check_addresses(shard: Path) -> None:
    """Raise StoreError where the process may not have the address space that opening a shard takes.

    The engine would end the process. Only Linux tells how much is used; elsewhere nothing is found out.
    """
    limit = resource.getrlimit(resource.RLIMIT_AS)[0] if sys.platform != "win32" else -1
    if limit in (-1, getattr(resource, "RLIM_INFINITY", -1)):
        return
    try:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return
    needed = ENGINE_ADDRESSES + _length(shard)
    if limit - used < needed:
        raise StoreError(
            f"there is not enough memory to open the index: {max(limit - used, 0) >> 20} MB of address space "
            f"left of {limit >> 20} MB (ulimit -v), {needed >> 20} MB needed; raise that limit"
        )


def _length(folder: Path) -> int:
    """How long the files below a folder are together, holes included: what mapping them takes."""
    found = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it went away meanwhile
                found += Path(parent, name).lstat().st_size
    return found
