"""Maintenance of an idle host: releases memory, and compacts the store if that is worthwhile."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from indexer.index.compaction import Compaction, needs_compaction
from indexer.index.index import Index
from indexer.store import memory

IDLE_SECONDS = 20.0
"""A host counts as idle after this number of seconds without a query or an update."""

Run = Callable[[Callable[[], Any]], Awaitable[Any]]


class IdleMaintenance:
    """Detects that a host is idle, and then runs maintenance. Use an object only in the host's event loop.

    `run` runs a job in the update thread. No update runs while `update_lock` is held. `update` runs an
    update. `release` releases caches.
    """

    def __init__(
        self,
        index: Index,
        update_lock: asyncio.Lock,
        run: Run,
        update: Callable[[], Awaitable[Any]],
        release: Callable[[], None],
    ) -> None:
        self._release = release
        self._index, self._update_lock, self._run, self._update = index, update_lock, run, update
        self._running_jobs = 0
        self._compaction_due = self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._maintenance: Compaction | None = None
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def busy(self) -> Iterator[None]:
        """A context in which the host counts as busy."""
        self._running_jobs += 1
        try:
            yield
        finally:
            self._running_jobs -= 1
            self._restart_timer()

    def after_write(self) -> None:
        """Check whether compaction is worthwhile now. Called in the update thread after a write."""
        self._compaction_due = self._compaction_due or needs_compaction(self._index)

    def close(self) -> None:
        """Stop maintenance and abort a running compaction."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._maintenance is not None:
            self._maintenance.close()

    def _restart_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._running_jobs and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._on_idle)

    def _on_idle(self) -> None:
        self._release()
        gc.collect()
        memory.release(self._index.folder)
        if self._compaction_due and self._maintenance is None:
            self._compaction_due = False  # a compaction that fails is not retried before the next write
            self._task = asyncio.get_running_loop().create_task(self._compact())
            self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _compact(self) -> None:
        """Compact a copy of the store, then replace the store with the copy.

        Queries and updates run while the copy is compacted.
        """
        async with self._update_lock:
            work: Compaction = await self._run(lambda: Compaction(self._index))
        self._maintenance = work
        try:
            if self._closed:
                return
            await asyncio.to_thread(work.wait)
            async with self._update_lock:
                await self._run(work.finish)
        finally:
            self._maintenance = None
            work.close()
        await self._update()
        memory.release(self._index.folder)  # opening the store touches every page
