"""What is known of how well an index agrees with the files on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from indexer.errors import StoreError
from indexer.fragment import Entry, SourceFile, stamp_of, storable
from indexer.index.catalog import last_update, update_ended
from indexer.index.index import Index
from indexer.paths import location_of

_CHECKED_FILES = 20_000
"""Maximum number of files of an index whose times are compared if no host watches them."""
_CHECK_SECONDS = 1.0
"""The times of files are compared at most once in this number of seconds."""
_CLOCK_SECONDS = 0.02
"""The times of files may be that much earlier than the clock."""
_OF_GIT = ".git/"


@dataclass(frozen=True, slots=True)
class KnownState:
    """What is known at a moment.

    `updated` is the Unix time of the last update that changed the index, 0 if unknown. `changed` are paths
    that are known to have changed since the last update; None if it is not known whether any have. `whole`
    is false while an index is built, and if its first update was interrupted.
    """

    updated: float
    changed: frozenset[str] | None
    whole: bool


class Freshness(Protocol):
    """Knows how well an index agrees with the files. Any thread may call its methods."""

    def now(self, *, look: bool) -> KnownState:
        """What is known now. With `look`, also what can be learned in a millisecond or two."""


class WatchedFreshness:
    """The freshness of a host's index: paths that its watcher has seen, and no update has covered yet.

    `look` has the watcher read what has changed, and says whether that is all. `is_building` says whether a
    first index is being built, and `ignored` which paths are known to be left out of the index.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self.look: Callable[[], bool] = lambda: False
        self.is_building: Callable[[], bool] = lambda: False
        self.ignored: Callable[[], frozenset[str]] = frozenset
        self.watches: Callable[[], bool] = lambda: False
        self._lock = Lock()
        self._waiting: set[str] = set()
        """Paths that the next update will cover."""
        self._covering: set[str] = set()
        """Paths that the running update covers if it succeeds."""
        self._updated, _ = last_update(index.folder)
        self._compared = False

    @property
    def compared(self) -> bool:
        """Whether an update has compared the index with the files since this host began to look."""
        return self._compared

    def add(self, paths: frozenset[str]) -> None:
        """Note paths that have changed."""
        with self._lock:
            self._waiting |= {path for path in paths if not path.startswith(_OF_GIT)}

    def begin(self) -> None:
        """Note that an update begins, which will read what has changed so far."""
        with self._lock:
            self._covering |= self._waiting
            self._waiting = set()

    def end(self, *, done: bool) -> None:
        """Note that the running update has ended. `done` says that it succeeded."""
        updated, _ = last_update(self._index.folder)
        with self._lock:
            if done:
                self._updated, self._compared = updated, True
            else:
                self._waiting |= self._covering
            self._covering = set()

    def now(self, *, look: bool) -> KnownState:
        synced = self.look() if look else True
        ignored = self.ignored()
        with self._lock:
            changed = frozenset((self._waiting | self._covering) - ignored)
            updated, known = self._updated, self._compared
        known = (known and synced and self.watches()) or bool(changed)
        whole = not self.is_building() and _is_whole(self._index)
        return KnownState(updated, changed if known else None, whole)


class CheckedFreshness:
    """The freshness of an index that nobody watches: the times of its files are compared with the index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: tuple[float, frozenset[str] | None] | None = None

    def now(self, *, look: bool) -> KnownState:
        updated, checked = last_update(self._index.folder)
        return KnownState(updated, self._changed(checked), _is_whole(self._index))

    def _changed(self, checked: float) -> frozenset[str] | None:
        if self._index.revision is not None or 0 <= time.time() - checked < _CHECK_SECONDS:
            return frozenset()  # a commit does not change, and an update has just compared all files
        now = time.monotonic()
        if self._known is None or now > self._known[0]:
            self._known = now + _CHECK_SECONDS, _changed_files(self._index, checked)
        return self._known[1]


def _changed_files(index: Index, checked: float) -> frozenset[str] | None:
    """The indexed files that have changed or are gone since the update that began at a Unix time.

    Returns None if there are too many files to look, unless an update has just ended; and if none of them has
    changed, but a folder with some of them has: it may have got a new file.
    """
    files, _ = index.manifest.counts()
    if files > _CHECKED_FILES:
        just_now = 0 <= time.time() - update_ended(index.folder) < _CHECK_SECONDS
        return frozenset() if just_now else None
    entries = index.manifest.entries()
    changed = frozenset(
        path
        for path, entry in entries.items()
        if entry.why is None and not _has_times_of(entry, status_of(index.root, path))
    )
    return changed or (None if _has_new_names(index.root, entries, checked) else changed)


def _has_new_names(root: Path, paths: Iterable[str], since: float) -> bool:
    """Whether the root, or a folder with one of `paths`, got or lost a name since a Unix time."""
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    limit = int((since - _CLOCK_SECONDS) * 1e9)
    return any(status_of(root, folder).mtime_ns >= limit for folder in folders)


def _has_times_of(entry: Entry, file: SourceFile) -> bool:
    return (entry.size, entry.mtime_ns, entry.stamp) == (file.size, file.mtime_ns, file.stamp)


def status_of(root: Path, path: str) -> SourceFile:
    """A file of a root with its present size and times, which are -1 if it cannot be found."""
    location = location_of(root, path)
    try:
        status = os.lstat(location)
    except OSError:
        return SourceFile(path, location, -1, -1)
    return SourceFile(path, location, status.st_size, storable(status.st_mtime_ns), stamp=stamp_of(status))


def _is_whole(index: Index) -> bool:
    """Whether a first update has ended, since the index was made or discarded."""
    with suppress(StoreError):  # the manifest is being replaced
        manifest = index.manifest
        if manifest.get_number("missing"):
            return False
        return not manifest.is_empty() or last_update(index.folder)[0] > 0
    return False
