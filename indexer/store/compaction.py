"""Compacts a copy of a shard in a child process, because the engine holds the interpreter lock meanwhile."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from ..child_process import BACKGROUND, ChildProcess, main_of
from ..errors import CorneaError, StoreError
from ..limits import check_space
from ..parent_process import exit_with_parent
from .shard_files import allocated_bytes, copy, remove_tree
from .storage import COMPACTED
from .types import StoreConfig

_ROOM_FACTOR = 2
"""Compaction needs free disk space, and free memory, of this many times the shard's size."""
_MEMINFO = Path("/proc/meminfo")
_MIN_FREE_MEMORY = 300_000_000  # free bytes of memory that must remain besides

_EXIT_SECONDS = 60.0
"""Seconds that the child process gets to print its result and to exit when the compaction is finished."""
log = logging.getLogger(__name__)


class CompactedCopy:
    """A copy of a shard in the folder COMPACTED beside it, and the child process that compacts the copy."""

    def __init__(self, config: StoreConfig) -> None:
        """Copy the shard, to which nothing may be written meanwhile, and start the child process.

        Raises DiskFull if there is no room for the copy. Raises StoreError for other failures.
        """
        self._folder = config.folder.with_name(COMPACTED)
        size = allocated_bytes(config.folder)
        check_space(self._folder, _ROOM_FACTOR * size + config.reserve_bytes)
        _check_memory(size)
        remove_tree(self._folder)
        try:
            copy(config.folder, self._folder)
        except OSError as error:
            remove_tree(self._folder)
            raise StoreError(f"{self._folder}: cannot be written ({error.strerror}); try again") from error
        command = (*main_of("indexer.store.compaction"), str(self._folder), str(config.dim))
        try:
            self._process = ChildProcess("a compaction", command, nice=BACKGROUND, captures_stderr=True)
        except CorneaError as error:
            remove_tree(self._folder)
            raise StoreError(str(error)) from error

    def wait(self) -> None:
        """Wait for the child process."""
        self._process.wait()

    def points(self) -> int | None:
        """The number of points in the compacted copy. Returns None if the child process failed."""
        said, exit = self._process.read(_EXIT_SECONDS)
        if exit.code == 0 and said.strip().isdigit():
            return int(said)
        log.info("%s: compaction failed (%s)", self._folder, exit.reason)
        return None

    def close(self) -> None:
        """Kill the child process, and delete the copy if it is still there. May be called twice."""
        self._process.end()
        remove_tree(self._folder)


def main() -> None:
    """The child process: compact the shard in the folder argv[1], and print the shard's number of points."""
    from .edge import compact

    exit_with_parent()
    folder, dim = Path(sys.argv[1]), int(sys.argv[2])
    print(compact(StoreConfig(folder, dim)), flush=True)  # noqa: T201 - the answer to the parent


def _check_memory(size: int) -> None:
    """Raise StoreError if there is too little memory to compact a store of `size` bytes."""
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except OSError:
        return  # the free memory is unknown on this system
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
    if free is not None and free < _ROOM_FACTOR * size + _MIN_FREE_MEMORY:
        raise StoreError(f"not enough memory to compact the store ({free >> 20} MB free); try again later")
