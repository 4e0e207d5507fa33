"""Cancels outdated requests: while the user types, only the latest request of a kind matters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import TypeVar

T = TypeVar("T")


class LatestOnly:
    """Runs at most one task per key. A new task cancels the previous task with the same key."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[object]] = {}

    async def run(self, key: Hashable, work: Callable[[], Coroutine[object, object, T]]) -> T | None:
        """The result of `work`. Returns None if a newer call with the same key came before the work was done.

        If several calls with the same key arrive together, only the work of the last call starts. Cancelling
        this call cancels the work.
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
        """Cancel the task of a key."""
        task = self._running.pop(key, None)
        if task is not None and not task.done():
            task.cancel()
