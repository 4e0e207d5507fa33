"""Compaction of an embedded store: a child process compacts a copy, which then replaces the original.

The engine's segment grows with every change, and deleted points still cost time at each start. While the
engine rewrites a segment, it holds the interpreter lock for seconds. So a child process rewrites a copy while
queries and updates go on in this process. After the exchange, the files that were updated in the meantime are
pending.
"""

from __future__ import annotations

from ..analysis import environment
from ..errors import StoreError
from ..fragment import Entry
from ..store import EVERYTHING
from ..store.compaction import CompactedCopy
from .index import READY, Index

MIN_POINTS = 20_000
"""Number of written points below which compaction does not pay off, because such a store opens fast."""
_WRITTEN_DIVISOR = 2
"""Compaction pays off if at least the number of stored points divided by this number was written."""


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
        self._index = index
        store = index.open_store()
        store.flush()
        self._points, self._rows = store.count(EVERYTHING), index.manifest.entries()
        self._copy = CompactedCopy(index.store_config(), environment.own())

    def wait(self) -> None:
        """Wait for the child process."""
        self._copy.wait()

    def finish(self) -> bool:
        """Replace the store by the compacted copy. If the child process failed, change nothing; return False.

        The next update indexes again the files that were updated after the copy was made. Raises StoreError.
        """
        manifest, points = self._index.manifest, self._copy.points()
        # Reset the number even after a failure, so that compaction is not tried again at once.
        manifest.set_meta(written="0")
        if points != self._points:
            return False
        changed = _changed(self._rows, manifest.entries())
        if changed:
            manifest.mark_pending(changed)
        manifest.set_meta(swap=READY)
        self._index.close_store()
        self._index.complete_exchange()
        return True

    def close(self) -> None:
        """Kill the child process, and delete the copy if it has not replaced the store."""
        self._copy.close()

    def __enter__(self) -> Compaction:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _changed(before: dict[str, Entry], now: dict[str, Entry]) -> list[str]:
    """The paths of files whose points differ between two states of the manifest."""
    paths = before.keys() | now.keys()
    return sorted(path for path in paths if _content(before.get(path)) != _content(now.get(path)))


def _content(entry: Entry | None) -> tuple[object, ...]:
    return () if entry is None or entry.why else (entry.digest, entry.fragments, entry.made)
