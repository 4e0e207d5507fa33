"""Watches the files of a host's root, and starts an update when files have changed."""

from __future__ import annotations

import asyncio
import os
from threading import Thread

from indexer.errors import CorneaError
from indexer.index.catalog import SYNC
from indexer.index.index import Index
from indexer.paths import location_of
from indexer.pipeline import options
from indexer.walk.watch import FolderWatch

from .activity import Activity
from .frames import Message
from .freshness import WatchedFreshness
from .updates import Updates

RETRY_SECONDS = 5.0
"""A failed update is retried after this number of seconds. A change that concerns only excluded files starts
an update after this number of seconds."""
_MANY_PATHS = 1_000
"""Maximum number of excluded paths that are remembered."""


class Watcher:
    """Waits for file events in a thread of its own, and starts updates in the event loop.

    The event loop calls all public methods. Any thread may call `status`.
    """

    def __init__(
        self, index: Index, activity: Activity, updates: Updates, freshness: WatchedFreshness
    ) -> None:
        self._index, self._activity, self._updates = index, activity, updates
        self._leaving = activity.leaving
        self._loop = asyncio.get_running_loop()
        # Only the watcher's thread changes this object.
        self._watch = FolderWatch(
            index.root,
            lambda: options(index.config, index.root),
            on_change=freshness.add,
            sync_folder=index.folder / SYNC,
        )
        freshness.look = self._watch.drain
        freshness.watches = lambda: self._watch.mode == "events"
        freshness.ignored = lambda: self._ignored_paths
        self._thread = Thread(target=self._wait_for_events, name="watch", daemon=True)
        # Only the event loop uses these attributes.
        self._retry_timer: asyncio.TimerHandle | None = None
        # The update thread replaces this set, and any thread may read it.
        self._ignored_paths: frozenset[str] = frozenset()

    def start(self) -> None:
        """Start to watch. Watching begins with an update."""
        self._thread.start()

    def status(self) -> Message:
        """How files are watched, for the answer to `status`."""
        return {"watches": self._watch.mode, "folders": len(self._watch.folders)}

    def update_later(self, batch: frozenset[str]) -> None:
        """Update after RETRY_SECONDS, or earlier if another file changes. `batch` has the changed paths."""
        if self._retry_timer is None and not self._leaving.is_set():
            self._retry_timer = self._loop.call_later(RETRY_SECONDS, self._update_now, batch)

    async def close(self) -> None:
        """Wait for the end of the thread."""
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def _wait_for_events(self) -> None:
        """The body of the thread."""
        while not self._leaving.is_set():
            try:
                for batch in self._watch.batches(self._leaving):
                    self._loop.call_soon_threadsafe(self._files_changed, batch)
            except Exception as error:  # noqa: BLE001 - or the thread would end; `status` reports the error
                self._watch.mode = f"not at all for now ({type(error).__name__}: {error})"
                self._leaving.wait(RETRY_SECONDS)

    def _files_changed(self, batch: frozenset[str]) -> None:
        """Update now. If only excluded files have changed, update later."""
        if self._leaving.is_set():
            return
        if batch and batch <= self._ignored_paths:
            self.update_later(batch)
        else:
            self._update_now(batch)

    def _update_now(self, batch: frozenset[str]) -> None:
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None
        self._activity.start(self._update(batch))

    async def _update(self, batch: frozenset[str]) -> None:
        """Update after file events. Errors are reported by a `trouble` event."""
        try:
            report = await self._updates.refresh()
            if not report.touched or self._ignored_paths:
                new = frozenset[str]() if report.touched else batch
                await self._updates.run(lambda: self._remember_ignored(new))
        except CorneaError as error:
            self._updates.notify_trouble(error)

    def _remember_ignored(self, batch: frozenset[str]) -> None:
        """Remember which of these paths are excluded. A growing log file then causes fewer updates.

        Those remembered before are forgotten if they are indexed by now.
        """
        known = self._ignored_paths if len(self._ignored_paths) <= _MANY_PATHS else frozenset()
        paths = known.union(sorted(batch)[:_MANY_PATHS])
        self._ignored_paths = frozenset(filter(self._is_left_out, paths))

    def _is_left_out(self, path: str) -> bool:
        """Whether a file exists and is not indexed. One that is gone may come back, and be indexed then."""
        entry = self._index.manifest.entry(path)
        if entry is not None:
            return bool(entry.reason)
        return os.path.lexists(location_of(self._index.root, path))
