"""The updates of a host's index, which run one at a time in a thread of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from threading import Event
from typing import TypeVar

from indexer.config import Config
from indexer.errors import Cancelled, CorneaError, StoreError
from indexer.index.index import Index
from indexer.pipeline import Progress, Report, ensure, update
from indexer.store import memory

from ..typed_json import encode
from .activity import Activity
from .answers import UpdateReport
from .frames import Message
from .messages import CANCELLED, LEAVING, STOPPING, RequestRefused

T = TypeVar("T")
Notify = Callable[[str, Message], None]
"""A function that is called in the event loop's thread with the name and the parameters of an event."""

PROGRESS_SECONDS = 0.1
"""Minimum seconds between two progress events."""
UPDATE_SECONDS = 2.0
"""Seconds that a query with `refresh` waits for an update that is already running. If the update takes
longer, the query is answered from what is indexed so far, and the answer reports the progress.
"""
_MANY_FRAGMENTS = 1_000
"""Memory is released after an update that wrote more fragments than this number."""


class Updates:
    """Runs updates of an index, and alone opens and closes the store. The event loop calls all methods.

    `settings` returns the current settings for an update; it is called in the update thread. `on_failure` is
    called after an update that failed for a reason that may be temporary, such as a full disk.
    """

    def __init__(
        self,
        index: Index,
        activity: Activity,
        settings: Callable[[], Config],
        notify: Notify,
        on_failure: Callable[[], None],
    ) -> None:
        self._index, self._activity, self._settings = index, activity, settings
        self._notify, self._on_failure = notify, on_failure
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "updates")
        # The event loop sets these attributes.
        self.updated = 0.0
        """The time of the last update that changed something."""
        self.last_error = ""
        """Why the last update failed. An empty text if it did not."""
        self._error_sent = ""
        self._lock = asyncio.Lock()
        self._pending: asyncio.Task[Report] | None = None
        self._allow_large = False
        # The update thread sets these attributes, and the event loop reads them.
        self.progress: Progress | None = None
        """The progress of the running update. None before its first file, and between updates."""
        self.is_building = False
        """Whether the running update builds a new index."""
        self._progress_sent = 0.0
        # The event loop sets this event, and the update thread clears it.
        self._halted = Event()

    @property
    def running(self) -> bool:
        """Whether an update, or a job of `run_between`, is running."""
        return self._lock.locked()

    async def refresh(self, yes: bool = False) -> Report:
        """Run an update that begins after this call, and return its report. Concurrent calls share one."""
        self._allow_large = self._allow_large or yes
        if self._pending is None:
            self._pending = self._activity.start(self._refresh())
        return await asyncio.shield(self._pending)

    async def refresh_or_time_out(self, yes: bool) -> Report | None:
        """As `refresh`, but returns None if another update is running and the report takes UPDATE_SECONDS."""
        if not self.running:
            return await self.refresh(yes)
        try:
            return await asyncio.wait_for(self.refresh(yes), UPDATE_SECONDS)
        except TimeoutError:
            return None

    def notify_trouble(self, error: CorneaError) -> None:
        """Send a `trouble` event, unless updates were halted or the event was just sent."""
        if not self._halted.is_set() and str(error) != self._error_sent:
            self._error_sent = str(error)
            self._notify("trouble", {"message": str(error)})

    async def rebuild(self, yes: bool) -> Report:
        """Discard the index and build it again. Returns the report."""
        async with self._lock:
            return await self._run_update(yes, rebuild=True)

    def halt(self) -> None:
        """Cancel the running update and the pending update. What the running update has written stays.

        The next change of a file or the next call of `refresh` starts a new update.
        """
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        self._halted.set()

    def reconfigure(self) -> None:
        """Give the index the current settings as soon as no update is running."""
        self._activity.start(self.run(lambda: self._index.reconfigure(self._settings())))

    async def run(self, job: Callable[[], T]) -> T:
        """The result of a job in the update thread, for example of one that opens the store."""
        with self._activity.busy():
            return await self._loop.run_in_executor(self._thread, job)

    async def run_between(self, job: Callable[[], T]) -> T:
        """As `run`, but waits until no update is running."""
        async with self._lock:
            return await self.run(job)

    async def close(self) -> None:
        """Wait for the running job, and end the thread."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def _refresh(self) -> Report:
        async with self._lock:
            # Later callers need another update, because this update may already have read the files that
            # these callers have changed.
            self._pending = None
            yes, self._allow_large = self._allow_large, False
            return await self._run_update(yes)

    async def _run_update(self, yes: bool, *, rebuild: bool = False) -> Report:
        """Run an update, and notify the clients of its result."""
        try:
            report = await self.run(lambda: self._update(yes, rebuild))
        except CorneaError as error:
            self.last_error = str(error)
            if isinstance(error, StoreError) and not isinstance(error, RequestRefused):
                self._on_failure()
            raise
        except Exception as error:
            bug = self._activity.report_bug("an update", error)
            self.last_error = str(bug)
            raise bug from error
        self.last_error = self._error_sent = ""
        if report.touched or report.remarks:
            self.updated = time.time()
            self._notify("updated", encode(UpdateReport.of(report)))
        return report

    def _update(self, yes: bool, rebuild: bool) -> Report:
        """Run an update in the update thread."""
        try:
            self.is_building = rebuild or self._index.manifest.is_empty()
            self._index.reconfigure(self._settings())
            self._halted.clear()
            run = partial(update, rebuild=True) if rebuild else ensure
            report = run(self._index, self._observe, allow=lambda _: yes)
        except Cancelled:
            if not self._activity.leaving.is_set():
                raise RequestRefused(CANCELLED, "indexing was stopped; `cornea index` continues it") from None
            raise RequestRefused(LEAVING, STOPPING) from None
        except MemoryError as error:
            raise StoreError("there is not enough memory for an update") from error
        finally:
            self.progress, self.is_building = None, False
        if report.fragments > _MANY_FRAGMENTS:
            memory.release(self._index.folder)
        return report

    def _observe(self, progress: Progress) -> None:
        """Report the progress. Called in the update thread after each file. Raises Cancelled."""
        if self._activity.leaving.is_set() or self._halted.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - self._progress_sent >= PROGRESS_SECONDS:
            self._progress_sent = now
            self.progress = replace(progress)
            self._loop.call_soon_threadsafe(self._notify, "progress", asdict(progress))
