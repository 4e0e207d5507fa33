"""The service of a host: it keeps an index up to date, and answers queries from the index.

Queries run in one thread and updates in another thread, so that queries are answered during an update. The
store supports calls from both threads. Slow methods (`locate`, `outline`, and search with a slow reranker)
run in a third thread. The event loop's thread only dispatches requests.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, replace
from threading import Event, Thread
from typing import Any, TypeVar

from indexer.analysis.worker_pool import IdleWorker
from indexer.errors import CorneaError, StoreDamaged, StoreError
from indexer.index.index import Index
from indexer.pipeline import Progress, Report, ensure, options, update
from indexer.store import Store, memory
from indexer.walk.watch import FolderWatch

from ..config import SearchConfig
from ..typed_json import decode, encode
from . import settings
from .answers import RunningUpdate, UpdateReport, status
from .frames import Message
from .idle_maintenance import IdleMaintenance
from .messages import CANCELLED, LEAVING, STOPPING, RequestRefused
from .methods import QueryContext, is_slow, method_named, warm
from .requests import ReindexParams, UpdateParams

T = TypeVar("T")
Notify = Callable[[str, Message], None]
"""A function that is called in the event loop's thread with the name and the parameters of an event."""

PROGRESS_SECONDS = 0.1
"""Minimum seconds between two progress events."""
OPENING_SECONDS = 0.02
"""Seconds between two checks of whether the store is open."""
RETRY_SECONDS = 5.0
"""A failed update is retried after this number of seconds. A change that concerns only excluded files starts
an update after this number of seconds."""
_STATUS_ATTEMPTS = 100
"""Maximum attempts at reading the status."""
_ATTEMPTS = 12
"""Maximum attempts at answering a query if the store is closed or replaced while the query runs."""
UPDATE_SECONDS = 2.0
"""Seconds that a query with `refresh` waits for an update that is already running. If the update takes
longer, the query is answered from what is indexed so far, and the answer reports the progress.
"""
_MANY_PATHS = 1_000
"""Maximum number of excluded paths that are remembered."""
_MANY_FRAGMENTS = 1_000
"""Memory is released after an update that wrote more fragments than this number."""


class Service:
    """Keeps an index up to date and answers queries. Use a service only in the event loop that created it.

    `reload` reads the settings again. `notify` sends an event to the clients. `outdated` is called if the
    settings have changed in a way that requires a new host.
    """

    interim = False

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        reload: Callable[[], settings.HostSettings],
        notify: Notify,
        outdated: Callable[[], None],
    ) -> None:
        self.index = index
        self._context = QueryContext(index, search, opens_store=False)
        self._reload, self._notify, self._outdated = reload, notify, outdated
        self._loop = asyncio.get_running_loop()
        self._query_thread = ThreadPoolExecutor(1, "questions")
        self._slow_thread = ThreadPoolExecutor(1, "slow")
        self._update_thread = ThreadPoolExecutor(1, "updates")
        self._update_lock = asyncio.Lock()
        self._pending_update: asyncio.Task[Report] | None = None
        self._leaving = Event()
        self._halted = Event()
        self._allow_large = False
        self._progress: Progress | None = None
        self._progress_sent = 0.0
        self._updated = 0.0
        self._last_error = self._error_sent = ""
        self._is_building = False
        self._ignored_paths: set[str] = set()
        self._retry_timer: asyncio.TimerHandle | None = None
        index.idle_worker = self._reserve = IdleWorker()
        self._query_priority = index.query_priority
        self._watch = FolderWatch(index.root, lambda: options(index.config, index.root))
        self._watcher = Thread(target=self._watch_files, name="watch", daemon=True)
        self._idle_maintenance = IdleMaintenance(
            index,
            self._update_lock,
            lambda job: self._run_in(self._update_thread, job),
            self.refresh,
            self._release_locator,
        )
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Start to watch files. Watching begins with an update, during which queries are answered."""
        # Open the store before the update, so that the first queries need not wait for the update's end.
        self._start_task(self._run_in(self._update_thread, self._open_store))
        self._start_task(self._run_query(self._query_thread, lambda: warm(self._context)))
        self._loop.call_soon(self._watcher.start)

    def _open_store(self) -> None:
        _ = self.index.store
        memory.release(self.index.folder)  # opening the store touches every page

    async def answer(self, method: str, params: Message) -> Message:
        """The answer to a request. Raises CorneaError if the request fails or is refused."""
        if method == "status":
            return await self._status_when_ready()
        if method == "reindex":
            reindex = decode(ReindexParams, params)
            report = await (self._rebuild(reindex.yes) if reindex.rebuild else self.refresh(reindex.yes))
            return {"report": encode(UpdateReport.of(report)), "repo": self.index.repo}
        if method == "halt":
            self.halt()
            return {}
        method_function, wanted = method_named(method), decode(UpdateParams, params)
        pool = self._slow_thread if is_slow(method, self._context.config) else self._query_thread
        for _ in range(_ATTEMPTS):
            done = await self._refresh_or_time_out(wanted.yes) if wanted.refresh else None
            generation, whole, progress = self.index.generation, not self._is_building, self._progress
            answer = await self._run_query(pool, lambda: method_function(self._context, params))
            whole = whole and self.index.generation == generation
            if whole or done is None:
                break
        if not whole or (done is None and wanted.refresh):
            answer["indexing"] = encode(RunningUpdate.of(progress, first=not whole))
        return answer | ({"report": encode(UpdateReport.of(done))} if done else {})

    def _release_locator(self) -> None:
        self._context.release_locator()

    async def refresh(self, yes: bool = False) -> Report:
        """Run an update that begins after this call, and return its report. Concurrent calls share one."""
        self._allow_large = self._allow_large or yes
        if self._pending_update is None:
            self._pending_update = self._start_task(self._run_refresh())
        return await asyncio.shield(self._pending_update)

    async def _refresh_or_time_out(self, yes: bool) -> Report | None:
        """As `refresh`, but returns None if another update is running and the report takes UPDATE_SECONDS."""
        if not self._update_lock.locked():
            return await self.refresh(yes)
        try:
            return await asyncio.wait_for(self.refresh(yes), UPDATE_SECONDS)
        except TimeoutError:
            return None

    def halt(self) -> None:
        """Cancel the running update and the pending update. What the running update has written stays.

        The next change of a file or the next `reindex` request starts a new update.
        """
        if self._pending_update is not None:
            self._pending_update.cancel()
            self._pending_update = None
        self._halted.set()

    async def close(self) -> None:
        """Stop watching and updating, wait for running work, and close the index."""
        self._leaving.set()
        self._idle_maintenance.close()
        for pool in (self._update_thread, self._query_thread, self._slow_thread):
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)
        if self._watcher.is_alive():
            await asyncio.to_thread(self._watcher.join)
        self._context.close()
        self._reserve.close()
        self.index.close()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the settings in use. The settings on disk may have changed in the meantime."""
        return settings.fingerprint(self.index.config, self._context.config)

    def reload_settings(self) -> None:
        """Read the settings again.

        Raises CorneaError if the settings are invalid, and RequestRefused if the settings require a new host.
        """
        now = self._reload()
        if settings.identity(self.index.config) != settings.identity(now.config):
            self._loop.call_soon_threadsafe(self._outdated)
            raise RequestRefused(LEAVING, "the settings have changed; this host is being replaced")
        self.index.config = now.config
        if now.search != self._context.config:
            self._context.close()
            self._context = QueryContext(self.index, now.search, opens_store=False)

    async def _run_in(self, pool: ThreadPoolExecutor, job: Callable[[], T]) -> T:
        if self._leaving.is_set():
            raise RequestRefused(LEAVING, STOPPING)
        with self._idle_maintenance.busy():
            return await self._loop.run_in_executor(pool, job)

    async def _run_query(self, pool: ThreadPoolExecutor, job: Callable[[], Message]) -> Message:
        """Run a query. If the store is closed while the query runs, run the query again on the next store."""
        for attempt in range(_ATTEMPTS):
            before, generation = self.index.store_if_open, self.index.generation
            # Only the update thread opens the store, since another thread would find the store locked. To
            # wait for the update thread is also to wait for the job that closed the store.
            if before is None and not attempt:
                before = await self._first_opened()
            elif attempt:
                before = await self._run_in(self._update_thread, lambda: self.index.store)
            try:
                # Request priority only here: the update that is awaited above must not yield to this query.
                with self._query_priority.query() if pool is self._query_thread else nullcontext():
                    return await self._run_in(pool, job)
            except StoreDamaged as error:
                await self._rebuild_damaged(error, generation)
            except StoreError:
                # An update that holds the lock may be closing the store right now.
                same = self.index.store_if_open is before and not self._update_lock.locked()
                if same or self._leaving.is_set() or attempt + 1 == _ATTEMPTS:
                    raise
        raise StoreError(f"{self.index.folder}: damaged again after each rebuild; run `cornea doctor`")

    async def _first_opened(self) -> Store:
        """Wait until the store is open. A running update opens the store long before the update ends."""
        job = asyncio.ensure_future(self._run_in(self._update_thread, lambda: self.index.store))
        while (opened := self.index.store_if_open) is None and not job.done():
            await asyncio.wait({job}, timeout=OPENING_SECONDS)
        if opened is None:
            return job.result()
        job.cancel()
        return opened

    async def _rebuild_damaged(self, damage: StoreDamaged, generation: int) -> None:
        def discard() -> None:
            if self.index.generation == generation:
                self.index.discard_damaged(damage)

        await self._run_in(self._update_thread, discard)
        await self.refresh()

    async def _status_when_ready(self) -> Message:
        """The status. Retries while the manifest is missing, which happens for a moment during a rebuild."""
        for _ in range(_STATUS_ATTEMPTS):
            try:
                return await self._run_in(self._query_thread, self._status)
            except RequestRefused:
                raise
            except StoreError:
                await asyncio.sleep(OPENING_SECONDS)
        return await self._run_in(self._query_thread, self._status)

    async def _run_refresh(self) -> Report:
        async with self._update_lock:
            # Later callers need another update, because this update may already have read the files that
            # these callers have changed.
            self._pending_update = None
            yes, self._allow_large = self._allow_large, False
            return await self._run_update(lambda: ensure(self.index, self._observe, allow=lambda _: yes))

    async def _rebuild(self, yes: bool) -> Report:
        async with self._update_lock:
            return await self._run_update(
                lambda: update(self.index, self._observe, rebuild=True, allow=lambda _: yes), rebuild=True
            )

    async def _run_update(self, job: Callable[[], Report], *, rebuild: bool = False) -> Report:
        """Run an update, and notify the clients of its result."""
        try:
            report = await self._run_in(self._update_thread, lambda: self._update(job, rebuild))
        except CorneaError as error:
            self._last_error = str(error)
            if isinstance(error, StoreError) and not isinstance(error, RequestRefused):
                self._update_later(frozenset())  # the cause, such as a full disk, may be temporary
            raise
        finally:
            self._progress = None
            self._is_building = False
        self._last_error = self._error_sent = ""
        if report.touched or report.remarks:
            self._updated = time.time()
            self._notify("updated", encode(UpdateReport.of(report)))
        return report

    def _update(self, job: Callable[[], Report], rebuild: bool) -> Report:
        self._is_building = rebuild or self.index.manifest.is_empty()
        self.reload_settings()
        self._halted.clear()
        try:
            report = job()
        except KeyboardInterrupt:  # raised by `_observe` to cancel the update
            if not self._leaving.is_set():
                raise RequestRefused(CANCELLED, "indexing was stopped; `cornea index` continues it") from None
            raise RequestRefused(LEAVING, STOPPING) from None
        if report.touched:
            self._idle_maintenance.after_write()
        if report.fragments > _MANY_FRAGMENTS:
            memory.release(self.index.folder)
        return report

    def _observe(self, progress: Progress) -> None:
        if self._leaving.is_set() or self._halted.is_set():
            raise KeyboardInterrupt
        now = time.monotonic()
        if now - self._progress_sent >= PROGRESS_SECONDS:
            self._progress_sent = now
            self._progress = replace(progress)
            self._loop.call_soon_threadsafe(self._notify, "progress", asdict(progress))

    def _watch_files(self) -> None:
        """The body of the watcher's thread."""
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
            self._update_later(batch)
            return
        self._update_now(batch)

    def _update_later(self, batch: frozenset[str]) -> None:
        """Update after RETRY_SECONDS, or earlier if another file changes."""
        if self._retry_timer is None and not self._leaving.is_set():
            self._retry_timer = self._loop.call_later(RETRY_SECONDS, self._update_now, batch)

    def _update_now(self, batch: frozenset[str]) -> None:
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None
        self._start_task(self._update_after_change(batch))

    async def _update_after_change(self, batch: frozenset[str]) -> None:
        """Update after file events. Errors are reported by a `trouble` event and by `status`."""
        try:
            report = await self.refresh()
            if not report.touched:
                await self._run_in(self._update_thread, lambda: self._remember_ignored(batch))
        except CorneaError as error:
            if not self._halted.is_set() and str(error) != self._error_sent:
                self._error_sent = str(error)
                self._notify("trouble", {"message": str(error)})

    def _remember_ignored(self, batch: frozenset[str]) -> None:
        """Remember which of these paths are excluded. A growing log file then causes fewer updates."""
        if len(self._ignored_paths) > _MANY_PATHS:
            self._ignored_paths.clear()
        entries = {path: self.index.manifest.entry(path) for path in sorted(batch)[:_MANY_PATHS]}
        self._ignored_paths |= {path for path, entry in entries.items() if entry is None or entry.reason}

    def _start_task(self, work: Any) -> asyncio.Task[Any]:
        """Start a task, and keep a reference to it, because the event loop keeps only a weak reference."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # otherwise asyncio logs an exception that no caller awaits

    def _status(self) -> Message:
        return status(self.index, self._progress) | {
            "updated": self._updated,
            "watches": self._watch.mode,
            "folders": len(self._watch.folders),
            "trouble": self._last_error,
        }
