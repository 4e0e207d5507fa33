"""The service of a host: it keeps an index up to date, and answers queries from the index.

Its parts have a thread each. Queries run in one thread and updates in another thread, so that queries are
answered during an update; the store supports calls from both threads. Slow methods (`locate`, `outline`, and
search with a slow reranker) run in a third thread, and a fourth thread waits for file events. The event
loop's thread only dispatches requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Lock

from indexer.config import Config
from indexer.errors import StoreError
from indexer.index.index import Index

from ..config import SearchConfig
from ..typed_json import decode, encode
from . import settings
from .activity import Activity, BugReporter
from .answers import RunningUpdate, UpdateReport, status
from .buffers import Buffers
from .frames import Message
from .freshness import WatchedFreshness
from .idle_maintenance import IdleMaintenance
from .messages import LEAVING, RequestRefused
from .methods import warm
from .query_threads import QueryThreads
from .requests import ReindexParams, UpdateParams
from .settings import HostSettings
from .store_access import ATTEMPTS, OPENING_SECONDS, StoreAccess
from .updates import Notify, Updates
from .watcher import Watcher

_STATUS_ATTEMPTS = 100
"""Maximum attempts at reading the status."""


class Service:
    """Keeps an index up to date and answers queries. Use a service only in the event loop that created it.

    `reload` reads the settings again. `notify` sends an event to the clients. `outdated` is called if the
    settings have changed in a way that requires a new host. `report_bug` is called for a bug in the
    background. `buffers` are the unsaved texts of the clients.
    """

    interim = False

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        reload: Callable[[], HostSettings],
        notify: Notify,
        outdated: Callable[[], None],
        report_bug: BugReporter,
        buffers: Buffers | None = None,
    ) -> None:
        self.index, self._buffers = index, buffers or Buffers()
        self._reload, self._outdated = reload, outdated
        self._loop = asyncio.get_running_loop()
        self._settings = HostSettings(index.config, search)
        """The settings that were read last. Any thread replaces this object while it holds `_reading`."""
        self._reading = Lock()
        self._activity = Activity(report_bug)
        self._freshness = WatchedFreshness(index)
        self._queries = QueryThreads(index, search, self._activity.busy, self._buffers, self._freshness)
        self._updates = Updates(
            index,
            self._activity,
            self._reload_for_update,
            notify,
            self._freshness,
            on_failure=lambda: self._watcher.update_later(frozenset()),
        )
        self._store = StoreAccess(index, self._updates)
        self._watcher = Watcher(index, self._activity, self._updates, self._freshness)
        self._freshness.is_building = lambda: self._updates.is_building
        self._maintenance = IdleMaintenance(index, self._activity, self._updates, self._queries.release)

    def start(self) -> None:
        """Start to watch files. Watching begins with an update, during which queries are answered."""
        self._activity.start(self._store.open())
        self._activity.start(self._store.run(lambda: self._queries.run(warm)))
        self._loop.call_soon(self._watcher.start)

    async def answer(self, method: str, params: Message) -> Message:
        """The answer to a request. Raises CorneaError if the request fails or is refused."""
        if method == "status":
            return await self._status_when_ready()
        if method == "reindex":
            reindex = decode(ReindexParams, params)
            update = self._updates.rebuild if reindex.rebuild else self._updates.refresh
            return {"report": encode(UpdateReport.of(await update(reindex.yes))), "repo": self.index.repo}
        if method == "halt":
            self._updates.halt()
            return {}
        query, wanted = self._queries.query(method, params), decode(UpdateParams, params)
        for _ in range(ATTEMPTS):
            done = await self._updates.refresh_or_time_out(wanted.yes) if wanted.refresh else None
            generation, whole = self.index.generation, not self._updates.is_building
            progress, comparing = self._updates.progress, self._is_comparing
            answer = await self._store.run(query)
            whole = whole and self.index.generation == generation
            if whole or done is None:
                break
        state = answer["state"]
        if not whole or comparing or (done is None and wanted.refresh):
            nothing = not state["whole"] and not state["files"]
            answer["indexing"] = encode(RunningUpdate.of(progress, first=nothing or not whole))
            state["whole"] = state["whole"] and whole
        elif done is not None and state["changed"] is None:
            state["changed"] = 0  # without a watch, the update has seen what changed before the request
        return answer | ({"report": encode(UpdateReport.of(done))} if done else {})

    @property
    def _is_comparing(self) -> bool:
        """Whether the first update of this host, with which watching begins, has not ended yet."""
        return not self._freshness.compared and not self._updates.last_error

    async def close(self) -> None:
        """Stop watching and updating, wait for running work, and close the index."""
        self._activity.leave()
        self._maintenance.close()
        await self._updates.close()
        await self._queries.close()
        await self._watcher.close()
        self.index.close()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the settings that were read last. Those on disk may have changed since."""
        now = self._settings  # once, because the thread of updates may replace them
        return settings.fingerprint(now.config, now.search)

    def reload_settings(self) -> None:
        """Read the settings again. Raises RequestRefused if they require a new host."""
        before = self._settings.config
        now = self._read_settings().config
        self._adopt()
        if now != before:
            self._updates.reconfigure()

    def _reload_for_update(self) -> Config:
        """Read the settings again, in the update thread. Returns those of the index."""
        config = self._read_settings().config
        self._loop.call_soon_threadsafe(self._adopt)
        return config

    def _read_settings(self) -> HostSettings:
        """The settings on disk. Any thread may call this method. Raises as `reload_settings`."""
        with self._reading:  # two threads may read, and the one that reads first may go on last
            now = self._reload()
            if settings.identity(self._settings.config) != settings.identity(now.config):
                self._loop.call_soon_threadsafe(self._outdated)
                raise RequestRefused(LEAVING, "the settings have changed; this host is being replaced")
            self._settings = now
        return now

    def _adopt(self) -> None:
        """Use the newest settings for the following queries, unless the host is leaving."""
        if not self._activity.leaving.is_set():
            now = self._settings
            self._queries.reconfigure(now.search, now.config)

    async def _status_when_ready(self) -> Message:
        """The status. Retries while the manifest is missing, which happens for a moment during a rebuild."""
        for _ in range(_STATUS_ATTEMPTS):
            try:
                return await self._queries.read(self._status)
            except RequestRefused:
                raise
            except StoreError:
                await asyncio.sleep(OPENING_SECONDS)
        return await self._queries.read(self._status)

    def _status(self) -> Message:
        about: Message = {"updated": self._updates.updated, "trouble": self._updates.last_error}
        changed = self._freshness.now(look=False).changed
        about |= {"buffers": len(self._buffers.texts), "changed": None if changed is None else len(changed)}
        return status(self.index, self._updates.progress) | about | self._watcher.status()
