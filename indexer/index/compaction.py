"""Compaction of an embedded store: on a copy, in another process, then in its place.

An engine's segment grows with every change, and what was deleted still costs time at each start. Rewriting it
keeps a process busy for seconds, in which the engine lets nobody else have a turn: so another one does it.
Questions and updates go on. Files that changed since the copy was made are pending after the exchange.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from ..analysis import environment
from ..errors import StoreError
from ..fragment import Entry
from ..store import EVERYTHING, StoreConfig, sparse_files
from ..store.space import check_space
from . import swap
from .catalog import OTHER, SHARD, clear_away
from .index import Index
from .manifest import Manifest

LEAST_POINTS = 20_000
"""Below so many written points a store opens in a moment whatever its shape."""
_SHARE = 2
"""It pays when half as many points were written as there are."""
_ROOM = 2
"""Free disk space, and memory, in sizes of the shard."""
_MEMORY = Path("/proc/meminfo")
_LEAST_MEMORY = 300_000_000

# -P keeps the working folder off the import path: it may be somebody else's repository.
_COMMAND = (sys.executable, "-P", "-c", "from indexer.index.compaction import main; main()")


def worth(manifest: Manifest) -> bool:
    """Whether enough was written since the store was made or compacted."""
    return manifest.number("written") >= max(LEAST_POINTS, manifest.points() // _SHARE)


def maintain(index: Index) -> bool:
    """Compact the store of an index that nobody else uses; False if it could not be done now.

    Raises DiskFull where there is no room for a copy, StoreError.
    """
    with Maintenance(index) as work:
        work.wait()
        return work.finish()


class Maintenance:
    """One compaction: from a copy to the exchange. To be used in a `with`, by who holds the index.

    Neither making one nor `finish` may happen while something is written or asked.
    """

    def __init__(self, index: Index) -> None:
        """Copy the store and start the process. Raises DiskFull, StoreError."""
        if index.config.store_url:
            raise StoreError("only an embedded store is compacted; a server does it by itself")
        self._index, self._folder = index, index.folder / OTHER
        store = index.open_store()
        store.flush()
        self._points = store.count(EVERYTHING)
        self._rows = index.manifest.entries()
        shard = index.folder / SHARD
        size = sparse_files.allocated(shard)
        check_space(index.folder, _ROOM * size + index.config.reserve_bytes)
        _check_memory(size)
        clear_away(self._folder)
        try:
            sparse_files.copy(shard, self._folder)
        except OSError as error:
            clear_away(self._folder)
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
        """Whether the process has ended."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait for the process."""
        self._process.wait()

    def finish(self) -> bool:
        """Put the compacted store in its place; False if the process failed, and all is as before.

        After it an update does again what changed meanwhile. Raises StoreError.
        """
        assert self._process.stdout is not None
        said = self._process.stdout.read()
        manifest = self._index.manifest
        # Done or not: it is not tried again before as much was written again.
        manifest.note(written="0")
        if self._process.wait() != 0 or said.strip() != str(self._points).encode():
            return False
        changed = _changed(self._rows, manifest.entries())
        if changed:
            manifest.begin(changed)
        swap.announce(manifest)
        self._index.close_store()
        swap.complete(self._index.folder, manifest)
        return True

    def close(self) -> None:
        """End the process and remove what it made, unless that has taken its place; may be called twice."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        clear_away(self._folder)

    def __enter__(self) -> Maintenance:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def main() -> None:
    """What the process does: compact the shard in a folder, print how many points it has."""
    from ..store.edge import compact

    folder, dim = Path(sys.argv[1]), int(sys.argv[2])
    os.nice(10)
    print(compact(StoreConfig(folder, dim)), flush=True)  # noqa: T201 - the answer to who started it


def _changed(before: dict[str, Entry], now: dict[str, Entry]) -> list[str]:
    """Paths whose points are not those of before."""
    paths = before.keys() | now.keys()
    return sorted(path for path in paths if _content(before.get(path)) != _content(now.get(path)))


def _content(entry: Entry | None) -> tuple[object, ...]:
    return () if entry is None or entry.reason else (entry.digest, entry.fragments, entry.made)


def _check_memory(size: int) -> None:
    """Raise StoreError where there is too little memory for a store of this size."""
    try:
        lines = _MEMORY.read_text("ascii").splitlines()
    except OSError:
        return  # the system does not tell
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
    if free is not None and free < _ROOM * size + _LEAST_MEMORY:
        raise StoreError(f"not enough memory to compact the store ({free >> 20} MB free); try again later")
