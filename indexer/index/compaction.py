"""Compaction of an embedded store: a child process compacts a copy, which then replaces the original.

The engine's segment grows with every change, and deleted points still cost time at each start. While the
engine rewrites a segment, it holds the interpreter lock for seconds. So a child process rewrites a copy while
queries and updates go on in this process. After the exchange, the files that were updated in the meantime are
pending.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ..analysis import environment
from ..errors import StoreError
from ..fragment import Entry
from ..limits import check_space
from ..store import EVERYTHING, StoreConfig, shard_files
from ..store.shard_files import remove_tree
from ..store.storage import COMPACTED
from .index import READY, Index

MIN_POINTS = 20_000
"""Number of written points below which compaction does not pay off, because such a store opens fast."""
_WRITTEN_DIVISOR = 2
"""Compaction pays off if at least the number of stored points divided by this number was written."""
_ROOM_FACTOR = 2
"""Compaction needs free disk space, and free memory, of this many times the shard's size."""
_MEMINFO = Path("/proc/meminfo")
_MIN_FREE_MEMORY = 300_000_000  # free bytes of memory that must remain besides

# -P keeps the working folder off the import path, because the folder may be an untrusted repository.
_COMMAND = (sys.executable, "-P", "-c", "from indexer.index.compaction import main; main()")


def needs_compaction(index: Index) -> bool:
    """Whether so many points were written since the store was made or compacted that compaction pays off."""
    worth = max(MIN_POINTS, index.manifest.points() // _WRITTEN_DIVISOR)
    return index.storage.embedded and index.manifest.get_number("written") >= worth


def compact_index(index: Index) -> bool:
    """Compact the store of an index that no other thread uses. Returns False if the child process failed.

    Raises DiskFull if there is no room for a copy. Raises StoreError for other failures.
    """
    with Compaction(index) as work:
        work.wait()
        return work.finish()


class Compaction:
    """One compaction, from copying to the exchange, in the process that holds the index.

    Leaving the context ends the compaction. No query and no update may run during the creation of this object
    and during `finish`.
    """

    def __init__(self, index: Index) -> None:
        """Copy the store and start the child process. Raises DiskFull, StoreError."""
        if not index.storage.embedded:
            raise StoreError("only an embedded store can be compacted; a server compacts its own")
        self._index, self._folder = index, index.folder / COMPACTED
        store = index.open_store()
        store.flush()
        self._points = store.count(EVERYTHING)
        self._rows = index.manifest.entries()
        shard = index.storage.shard
        size = shard_files.allocated_bytes(shard)
        check_space(index.folder, _ROOM_FACTOR * size + index.config.reserve_bytes)
        _check_memory(size)
        remove_tree(self._folder)
        try:
            shard_files.copy(shard, self._folder)
        except OSError as error:
            remove_tree(self._folder)
            raise StoreError(f"{self._folder}: cannot be written ({error.strerror}); try again") from error
        self._process = subprocess.Popen(
            [*_COMMAND, str(self._folder), str(index.encoder.dim)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment.own(),
            process_group=0,
        )

    @property
    def done(self) -> bool:
        """Whether the child process has ended."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait for the child process."""
        self._process.wait()

    def finish(self) -> bool:
        """Replace the store by the compacted copy. If the child process failed, change nothing; return False.

        The next update indexes again the files that were updated after the copy was made. Raises StoreError.
        """
        assert self._process.stdout is not None
        said = self._process.stdout.read()
        manifest = self._index.manifest
        # Reset the number even after a failure, so that compaction is not tried again at once.
        manifest.set_meta(written="0")
        if self._process.wait() != 0 or said.strip() != str(self._points).encode():
            return False
        changed = _changed(self._rows, manifest.entries())
        if changed:
            manifest.mark_pending(changed)
        manifest.set_meta(swap=READY)
        self._index.close_store()
        self._index.complete_exchange()
        return True

    def close(self) -> None:
        """Kill the child process, and delete the copy if it has not replaced the store.

        May be called twice.
        """
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        remove_tree(self._folder)

    def __enter__(self) -> Compaction:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def main() -> None:
    """The child process: compact the shard in the folder argv[1], and print the shard's number of points."""
    from ..store.edge import compact

    folder, dim = Path(sys.argv[1]), int(sys.argv[2])
    os.nice(10)
    print(compact(StoreConfig(folder, dim)), flush=True)  # noqa: T201 - the answer to the parent


def _changed(before: dict[str, Entry], now: dict[str, Entry]) -> list[str]:
    """The paths of files whose points differ between two states of the manifest."""
    paths = before.keys() | now.keys()
    return sorted(path for path in paths if _content(before.get(path)) != _content(now.get(path)))


def _content(entry: Entry | None) -> tuple[object, ...]:
    return () if entry is None or entry.reason else (entry.digest, entry.fragments, entry.made)


def _check_memory(size: int) -> None:
    """Raise StoreError if there is too little memory to compact a store of `size` bytes."""
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except OSError:
        return  # the free memory is unknown on this system
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
    if free is not None and free < _ROOM_FACTOR * size + _MIN_FREE_MEMORY:
        raise StoreError(f"not enough memory to compact the store ({free >> 20} MB free); try again later")
