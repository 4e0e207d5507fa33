"""Recognises errors that are caused by a limit of the system and not by damage, and checks free resources.

For each limit, the module names a remedy. A limit shows as a system error number, or as the text of such an
error in an engine's message. SQLite reports no reason for a failure; after such a failure, `current_limit`
finds out which limit applies.
"""

from __future__ import annotations

import errno
import mmap
import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .errors import DiskFull, StoreError

MEGABYTE = 1_000_000

ENGINE_BYTES = 64 << 20
"""Bytes of disk space that the engine's log may take when a shard is opened or a batch is written."""
ENGINE_ADDRESSES = 192 << 20
"""Bytes of address space that opening a shard takes in addition to the length of the shard's files."""

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
    """A text that says which limit caused a system error, and what to do. Returns "" for other errors."""
    return _REMEDIES.get(number or 0, "")


def limit_in_message(text: str) -> int:
    """The error number of the limit that an engine's message names. Returns 0 if the message names none.

    EAGAIN does not count as a limit, because the engine reports EAGAIN if another process holds the file.
    """
    numbers = [number for number in _REMEDIES if number != errno.EAGAIN]
    for number in numbers:
        if f"(os error {number})" in text or f"code: {number}," in text:
            return number
    # Try longer texts first, because a text may be the prefix of another text.
    by_length = sorted(numbers, key=lambda number: -len(os.strerror(number)))
    return next((number for number in by_length if os.strerror(number) in text), 0)


def limit_error(number: int, what: str) -> StoreError | None:
    """The error to raise if the system error `number` is caused by a limit; None if it is not.

    `what` is the beginning of the error's message, and says what failed.
    """
    advice = remedy(number)
    if not advice:
        return None
    return (DiskFull if number in _FULL else StoreError)(f"{what}: {advice}")


def current_limit(folder: Path) -> int:
    """The error number of the limit that prevents opening or writing files in `folder`. Returns 0 for none.

    Writes and deletes a file in `folder` to find out.
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
    if resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
        return errno.EFBIG
    return 0


def free_bytes(folder: Path) -> int:
    """The bytes that an ordinary user may write on the file system of `folder`. `folder` need not exist."""
    import shutil  # every command imports this module, but few ask for free space

    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def check_space(folder: Path, needed: int) -> None:
    """Raise DiskFull if fewer than `needed` bytes are free on the file system of `folder`.

    The embedded engine maps its files, so a full disk would kill the process.
    """
    free = free_bytes(folder)
    if free < needed:
        raise DiskFull(
            f"not enough disk space for the index {folder}: {free >> 20} MB free, {-(-needed >> 20)} MB "
            f"needed; free some, or keep the index on another disk, then run the command again"
        )


def check_addresses(shard: Path) -> None:
    """Raise StoreError if the process has too little address space left to open a shard.

    Without this check, the engine would end the process. Does nothing on systems without /proc.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY or not (used := memory_used()[0]):
        return
    needed = ENGINE_ADDRESSES + sum(status.st_size for status in statuses_below(shard))  # with holes
    if limit - used < needed:
        raise StoreError(
            f"there is not enough memory to open the index: {max(limit - used, 0) >> 20} MB of address space "
            f"left of {limit >> 20} MB (ulimit -v), {needed >> 20} MB needed; raise that limit"
        )


def memory_used() -> tuple[int, int]:
    """The address space and the resident memory of this process in bytes. Returns zeros without /proc."""
    try:
        reserved, resident, *_ = Path("/proc/self/statm").read_text("ascii").split()
    except (OSError, ValueError):
        return 0, 0
    return int(reserved) * mmap.PAGESIZE, int(resident) * mmap.PAGESIZE


def limit_memory_growth(megabytes: int) -> None:
    """Limit how much address space this process may reserve beyond the present size; 0 sets no limit.

    Without /proc, no limit is set. At the limit, Python code raises MemoryError, and native code ends the
    process.
    """
    size, _ = memory_used()
    if not (megabytes and size):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size + megabytes * MEGABYTE
    resource.setrlimit(
        resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def exceeds_half(megabytes: int) -> bool:
    """Whether this process uses more than half of `megabytes` of memory. False for 0, and without /proc."""
    return bool(megabytes) and memory_used()[1] > megabytes * MEGABYTE // 2


def statuses_below(folder: Path) -> Iterator[os.stat_result]:
    """The statuses of the files below a folder; none if the folder does not exist."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # deleted meanwhile
                yield os.lstat(f"{parent}/{name}")
