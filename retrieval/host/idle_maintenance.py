"""Maintenance of an idle host: releases memory, and compacts the store if that is worthwhile."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

from indexer.index.compaction import Compaction, needs_compaction
from indexer.index.index import Index
from indexer.store import memory

from .activity import Activity
from .updates import Updates


class IdleMaintenance:
    """Runs maintenance when a host is idle. The event loop calls all methods. `release` releases caches."""

    def __init__(
        self, index: Index, activity: Activity, updates: Updates, release: Callable[[], None]
    ) -> None:
        self._index, self._activity, self._updates, self._release = index, activity, updates, release
        self._checked = 0.0
        """The time of the last update after which compaction was considered."""
        self._compaction: Compaction | None = None
        self._task: asyncio.Task[None] | None = None
        activity.on_idle = self._on_idle

    def close(self) -> None:
        """Abort a running compaction."""
        if self._compaction is not None:
            self._compaction.close()

    def _on_idle(self) -> None:
        self._release()
        gc.collect()
        memory.release(self._index.folder)
        # A compaction that fails is not retried before the next update that writes.
        if self._checked != self._updates.updated and (self._task is None or self._task.done()):
            self._checked = self._updates.updated
            self._task = self._activity.start(self._compact())

    async def _compact(self) -> None:
        """If that is worthwhile, compact a copy of the store, then replace the store with the copy.

        Queries and updates run while the copy is compacted.
        """
        if not await self._updates.run(lambda: needs_compaction(self._index)):
            return
        work = await self._updates.run_between(lambda: Compaction(self._index))
        self._compaction = work
        try:
            if self._activity.leaving.is_set():
                return
            await asyncio.to_thread(work.wait)
            await self._updates.run_between(work.finish)
        finally:
            self._compaction = None
            work.close()
        await self._updates.refresh()
        memory.release(self._index.folder)  # opening the store touches every page
