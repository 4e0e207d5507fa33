"""Compacts a copy of a shard in a child process, because the engine holds the interpreter lock meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..errors import StoreError
from ..limits import check_space
from .shard_files import allocated_bytes, copy, remove_tree
from .storage import COMPACTED
from .types import StoreConfig

_ROOM_FACTOR = 2
"""Compaction needs free disk space, and free memory, of this many times the shard's size."""
_MEMINFO = Path("/proc/meminfo")
_MIN_FREE_MEMORY = 300_000_000  # free bytes of memory that must remain besides

# -P keeps the working folder off the import path, because the folder may be an untrusted repository.
_COMMAND = (sys.executable, "-P", "-c", "from indexer.store.compaction import main; main()")


class CompactedCopy:
    """A copy of a shard in the folder COMPACTED beside it, and the child process that compacts the copy."""

    def __init__(self, config: StoreConfig, environment: Mapping[str, str]) -> None:
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
        self._process = subprocess.Popen(
            [*_COMMAND, str(self._folder), str(config.dim)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            process_group=0,
        )

    def wait(self) -> None:
        """Wait for the child process."""
        self._process.wait()

    def points(self) -> int | None:
        """The number of points in the compacted copy. Returns None if the child process failed."""
        assert self._process.stdout is not None
        said = self._process.stdout.read().strip()
        return int(said) if self._process.wait() == 0 and said.isdigit() else None

    def close(self) -> None:
        """Kill the child process, and delete the copy if it is still there. May be called twice."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        remove_tree(self._folder)


def main() -> None:
    """The child process: compact the shard in the folder argv[1], and print the shard's number of points."""
    from .edge import compact

    folder, dim = Path(sys.argv[1]), int(sys.argv[2])
    os.nice(10)
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
