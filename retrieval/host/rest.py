"""What a host does when nothing is asked of it: give memory back, and compact its store where that pays."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from indexer.index.compaction import Compaction, needs_compaction
from indexer.index.index import Index

from . import memory

REST_SECONDS = 20.0
"""After so long without a question or an update there is time for it."""

Run = Callable[[Callable[[], Any]], Awaitable[Any]]


class Rest:
    """Notices when a host has nothing to do. To be used in its event loop.

    `run` has a job done in the thread of the updates; who holds `turn` keeps updates out; `update` begins
    one; `forget` lets go of what can be made again.
    """

    def __init__(
        self,
        index: Index,
        turn: asyncio.Lock,
        run: Run,
        update: Callable[[], Awaitable[Any]],
        forget: Callable[[], None],
    ) -> None:
        self._forget = forget
        self._index, self._turn, self._run, self._update = index, turn, run, update
        self._busy = 0
        self._pays = self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._compacting: Compaction | None = None
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def disturbed(self) -> Iterator[None]:
        """While inside there is no rest."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._wait()

    def wrote(self) -> None:
        """Something was written: find out whether compaction pays by now. For the thread of the updates."""
        self._pays = self._pays or (
            not self._index.config.store_url and needs_compaction(self._index.manifest)
        )

    def close(self) -> None:
        """No rest any more; a compaction that is under way is given up."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._compacting is not None:
            self._compacting.close()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._busy and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(REST_SECONDS, self._use)

    def _use(self) -> None:
        self._forget()
        gc.collect()
        memory.give_back(self._index.folder)
        if self._pays and self._compacting is None:
            self._pays = False  # done or not: not again before something was written again
            self._task = asyncio.get_running_loop().create_task(self._compact())
            self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _compact(self) -> None:
        """Compact the store beside, then exchange it; questions and updates go on meanwhile."""
        async with self._turn:
            work: Compaction = await self._run(lambda: Compaction(self._index))
        self._compacting = work
        try:
            if self._closed:
                return
            await asyncio.to_thread(work.wait)
            async with self._turn:
                await self._run(work.finish)
        finally:
            self._compacting = None
            work.close()
        await self._update()
        memory.give_back(self._index.folder)  # opening touches every page
