"""One exclusive lock per index folder, with a note that names the process that holds the lock.

The lock is a file lock of the operating system. The system releases it when the process ends, even after
`kill -9`. The note is only for messages. It is ignored once the process that it names has ended.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from .. import limits
from ..errors import StoreBusy, StoreError

LOCK_FILE = "index.lock"
NOTE_FILE = "owner.json"
POLL_SECONDS = 0.05
QUIET_SECONDS = 1.0
"""Seconds to wait for the lock before the user is told that the program waits."""
_COMMAND_LENGTH = 80  # largest length in characters of a command in a note


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that holds a folder: its pid, its command, and the Unix time at which it took the lock.

    `started` is the kernel's start time of the process, or "" if it is unknown. The start time distinguishes
    processes that have had the same pid.
    """

    pid: int
    command: str
    since: float
    started: str = ""

    def __str__(self) -> str:
        who = f"process {self.pid}" if self.pid != os.getpid() else f"this process ({self.pid})"
        return f"{who} ({self.command})" if self.command else who

    @property
    def alive(self) -> bool:
        """Whether the process that wrote the note still runs, and its pid is not that of another process."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except (PermissionError, OverflowError):
            pass
        return not self.started or _started(self.pid) in ("", self.started)


def _started(pid: int) -> str:
    """The start time of a process in the kernel's ticks. Returns "" if /proc does not have it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in parentheses. The name may contain spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def write_owner(folder: Path) -> None:
    """Write the note that this process holds `folder`. Call this function only while holding the lock.

    Also deletes temporary files that an interrupted call left behind.
    """
    pid = os.getpid()
    for left in folder.glob(f".{NOTE_FILE}.*"):
        with suppress(OSError):
            left.unlink()
    owner = Owner(pid, _command_line(), round(time.time(), 3), _started(pid))
    beside = folder / f".{NOTE_FILE}.{pid}"
    try:
        beside.write_text(json.dumps(asdict(owner)), encoding="utf-8")
        beside.replace(folder / NOTE_FILE)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def read_owner(folder: Path) -> Owner | None:
    """The holder of `folder` according to the note; None without a readable note or a living holder."""
    try:
        note = json.loads((folder / NOTE_FILE).read_text(encoding="utf-8"))
        owner = Owner(int(note["pid"]), str(note["command"]), float(note["since"]), str(note["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return owner if owner.pid > 0 and owner.alive else None


def busy(folder: Path) -> StoreBusy:
    """The error to raise if another process holds `folder`."""
    owner = read_owner(folder)
    return StoreBusy(
        f"index {folder} is held by {owner or 'another process'}: wait until it is done or stop it, "
        f"then run the command again",
        pid=owner.pid if owner else None,
    )


def erase_owner(folder: Path) -> None:
    """Remove the note. Call this function only while still holding the lock."""
    with suppress(OSError):
        (folder / NOTE_FILE).unlink()


def _command_line() -> str:
    """The program's name and arguments of this process, cut to _COMMAND_LENGTH characters."""
    program, *arguments = sys.argv or [""]
    place = Path(program)
    # With `python -m cornea`, the program is the package's `__main__.py`, so use the package's name.
    name = place.parent.name if place.name == "__main__.py" else place.name
    words = " ".join([name, *(word for word in arguments if word != "--")]).strip()
    return words if len(words) <= _COMMAND_LENGTH else words[: _COMMAND_LENGTH - 3] + "..."


class IndexLock:
    """The exclusive right to write to an index folder. A process uses one object per folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pid = 0
        self._file: FileLock | None = None

    def acquire(self, timeout: float = 0.0, on_wait: Callable[[str], None] | None = None) -> None:
        """Take the lock, waiting up to `timeout` seconds. During a longer wait, calls `on_wait` once.

        Raises StoreBusy, with the holder's pid, if another process keeps the lock. Raises StoreError if the
        folder is not writable.
        """
        if self.held:
            raise StoreError(f"{self.folder} is already locked by this process")
        quiet = min(QUIET_SECONDS, timeout / 2)
        if not self._try(quiet):
            if timeout > 0 and on_wait is not None:
                holder = read_owner(self.folder) or "another process"
                on_wait(f"index is held by {holder}, waiting up to {timeout:g} s")
            if timeout <= 0 or not self._try(timeout - quiet):
                raise busy(self.folder)
        self._pid = os.getpid()

    def _try(self, timeout: float) -> bool:
        """Take the lock and write the note. Returns False if another process keeps it for `timeout` s."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Not thread-local: a host takes the lock in one thread and releases it in another.
            file = FileLock(self.folder / LOCK_FILE, thread_local=False)
            file.acquire(timeout=timeout, poll_interval=POLL_SECONDS)
            self._file = file
            write_owner(self.folder)
        except Timeout:
            return False
        except OSError as error:
            self._let_go()
            what = f"cannot write to the index folder {self.folder}"
            raise limits.limit_error(error.errno or 0, what) or StoreError(
                f"{what} ({error.strerror or error}): "
                f"check its owner and permissions, or set CORNEA_HOME to a writable folder"
            ) from error
        return True

    @property
    def held(self) -> bool:
        """Whether this process holds the lock through this object. Always False in a forked child process."""
        return self._file is not None and self._pid == os.getpid()

    def release(self) -> None:
        """Release the lock if this process holds it."""
        if self.held:
            erase_owner(self.folder)
            self._let_go()

    def _let_go(self) -> None:
        file, self._file, self._pid = self._file, None, 0
        if file is not None:
            file.release()

    def __enter__(self) -> IndexLock:
        if not self.held:
            self.acquire()
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()
