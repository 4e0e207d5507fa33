"""Compaction of an embedded store: a child process compacts a copy, which then replaces the original.

The engine's segment grows with every change, and deleted points still cost time at each start. While the
engine rewrites a segment, it holds the interpreter lock for seconds. So a child process rewrites a copy while
queries and updates go on in this process. After the exchange, the files that were updated in the meantime are
pending.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from ..child_process import BACKGROUND, ChildProcess, main_of
from ..errors import CorneaError, StoreError
from ..fragment import Entry
from ..limits import check_space
from ..parent_process import exit_with_parent
from ..store import EVERYTHING, StoreConfig
from ..store.shard_files import allocated_bytes, copy, remove_tree
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
_EXIT_SECONDS = 60.0
"""Seconds that the child process gets to print its result and to exit when the compaction is finished."""
log = logging.getLogger(__name__)


def needs_compaction(index: Index) -> bool:
    """Whether so many points were written since the store was made or compacted that compaction pays off."""
    worth = max(MIN_POINTS, index.manifest.points() // _WRITTEN_DIVISOR)
    return index.storage.embedded and index.manifest.get_number("written") >= worth


def compact_index(index: Index) -> bool:
    """Make a `Compaction` of an index that no other thread uses. Returns False if the child failed."""
    with Compaction(index) as work:
        work.wait()
        return work.finish()


class Compaction:
    """One compaction, from copying to the exchange, in the process that holds the index.

    Leaving the context ends the compaction. No query and no update may run during the creation of this object
    and during `finish`.
    """

    def __init__(self, index: Index) -> None:
        """Copy the store into the folder COMPACTED beside it, and start the child process.

        Raises DiskFull if there is no room for the copy. Raises StoreError for other failures.
        """
        if not index.storage.embedded:
            raise StoreError("only an embedded store can be compacted; a server compacts its own")
        self._index = index
        store = index.open_store()
        store.flush()
        self._points, self._rows = store.count(EVERYTHING), index.manifest.entries()
        config = index.store_config()
        self._copy = config.folder.with_name(COMPACTED)
        size = allocated_bytes(config.folder)
        check_space(self._copy, _ROOM_FACTOR * size + config.reserve_bytes)
        _check_memory(size)
        remove_tree(self._copy)
        try:
            copy(config.folder, self._copy)
        except OSError as error:
            remove_tree(self._copy)
            raise StoreError(f"{self._copy}: cannot be written ({error.strerror}); try again") from error
        command = (*main_of(__name__), str(self._copy), str(config.dim))
        try:
            self._process = ChildProcess("a compaction", command, nice=BACKGROUND, captures_stderr=True)
        except CorneaError as error:
            remove_tree(self._copy)
            raise StoreError(str(error)) from error

    def wait(self) -> None:
        """Wait for the child process."""
        self._process.wait()

    def finish(self) -> bool:
        """Replace the store by the compacted copy. If the child process failed, change nothing; return False.

        The next update indexes again the files that were updated after the copy was made. Raises StoreError.
        """
        manifest = self._index.manifest
        points, exit = self._process.read(_EXIT_SECONDS)
        # Reset the number even after a failure, so that compaction is not tried again at once.
        manifest.set_meta(written="0")
        if exit.code != 0 or points.strip() != b"%d" % self._points:
            log.info("%s: compaction failed (%s)", self._copy, exit.reason)
            return False
        changed = _changed(self._rows, manifest.entries())
        if changed:
            manifest.mark_pending(changed)
        manifest.set_meta(swap=READY)
        self._index.close_store()
        self._index.complete_exchange()
        return True

    def close(self) -> None:
        """Kill the child process, and delete the copy if it is still there. May be called twice."""
        self._process.end()
        remove_tree(self._copy)

    def __enter__(self) -> Compaction:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def main() -> None:
    """The child process: compact the shard in the folder argv[1], and print the shard's number of points."""
    from ..store.edge import compact

    exit_with_parent()
    folder, dim = Path(sys.argv[1]), int(sys.argv[2])
    print(compact(StoreConfig(folder, dim)), flush=True)  # noqa: T201 - the answer to the parent


def _changed(before: dict[str, Entry], now: dict[str, Entry]) -> list[str]:
    """The paths of files whose points differ between two states of the manifest."""
    paths = before.keys() | now.keys()
    return sorted(path for path in paths if _content(before.get(path)) != _content(now.get(path)))


def _content(entry: Entry | None) -> tuple[object, ...]:
    return () if entry is None or entry.why else (entry.digest, entry.fragments, entry.made)


def _check_memory(size: int) -> None:
    """Raise StoreError if there is too little memory to compact a store of `size` bytes."""
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except OSError:
        return  # the free memory is unknown on this system
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
    if free is not None and free < _ROOM_FACTOR * size + _MIN_FREE_MEMORY:
        raise StoreError(f"not enough memory to compact the store ({free >> 20} MB free); try again later")
