"""The store of a host, which queries use while updates open, close and replace it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from indexer.errors import StoreDamaged, StoreError
from indexer.index.index import Index
from indexer.store import Store, memory

from .updates import Updates

T = TypeVar("T")

OPENING_SECONDS = 0.02
"""Seconds between two checks of whether the store is open."""
ATTEMPTS = 12
"""Maximum attempts at answering a query if the store is closed or replaced while the query runs."""
_QUICK_ATTEMPTS = 50
"""Number of attempts that do not wait for the end of the running update. It replaces the store in a moment,
and may then take minutes."""


class StoreAccess:
    """Runs queries on the open store. The event loop calls all methods.

    Only the update thread opens the store, since another thread would find the store locked. To wait for
    the update thread is also to wait for the job that closed the store.
    """

    def __init__(self, index: Index, updates: Updates) -> None:
        self._index, self._updates = index, updates

    async def open(self) -> None:
        """Open the store before the first update, so that the first queries need not wait for its end."""

        def job() -> None:
            _ = self._index.store
            memory.release(self._index.folder)  # opening the store touches every page

        await self._updates.run(job)

    async def run(self, query: Callable[[], Awaitable[T]]) -> T:
        """The result of a query. If the store is closed while the query runs, runs it on the next store."""
        attempts, rebuilds = _QUICK_ATTEMPTS + ATTEMPTS, 0
        for attempt in range(attempts):
            before, generation = self._index.store_if_open, self._index.generation
            if attempt >= _QUICK_ATTEMPTS:
                before = await self._updates.run(lambda: self._index.store)
            elif before is None:
                before = await self._first_opened()
            elif attempt:
                await asyncio.sleep(OPENING_SECONDS)
            try:
                return await query()
            except StoreDamaged as error:
                await self._rebuild_damaged(error, generation)
                rebuilds += 1
                if rebuilds == ATTEMPTS:
                    break
            except StoreError:
                # An update that holds the lock may be closing the store right now.
                is_closing = self._index.store_if_open is not before or self._updates.running
                if not is_closing or attempt + 1 == attempts:
                    raise
        raise StoreError(f"{self._index.folder}: damaged again after each rebuild; run `cornea doctor`")

    async def _first_opened(self) -> Store:
        """Wait until the store is open. A running update opens the store long before the update ends."""
        job = asyncio.ensure_future(self._updates.run(lambda: self._index.store))
        while (opened := self._index.store_if_open) is None and not job.done():
            await asyncio.wait({job}, timeout=OPENING_SECONDS)
        if opened is None:
            return job.result()
        job.cancel()
        return opened

    async def _rebuild_damaged(self, damage: StoreDamaged, generation: int) -> None:
        def discard() -> None:
            if self._index.generation == generation:
                self._index.discard_damaged(damage)

        await self._updates.run(discard)
        await self._updates.refresh()
