"""Only the latest request of a kind counts: who types does not want the answers of ten letters ago."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import TypeVar

T = TypeVar("T")


class LatestOnly:
    """At most one piece of work for each key; a newer one ends the one before it."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[object]] = {}
        self.dropped = 0
        """How many were given up."""

    async def run(self, key: Hashable, work: Callable[[], Coroutine[object, object, T]]) -> T | None:
        """The result of the work; None if a newer one of this key came before it was done.

        Requests that have arrived together are all seen before the first one begins. Cancelling this call
        cancels the work.
        """
        self.drop(key)
        task = asyncio.get_running_loop().create_task(work())
        self._running[key] = task
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and self._running.get(key) is not task:
                return None
            task.cancel()
            raise
        finally:
            if self._running.get(key) is task:
                del self._running[key]

    def drop(self, key: Hashable) -> None:
        """Give up what is running for a key."""
        task = self._running.pop(key, None)
        if task is not None and not task.done():
            task.cancel()
            self.dropped += 1
