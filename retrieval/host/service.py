"""What a host owns: an index that it keeps up to date and answers from.

Questions run in one thread, updates in another, so that questions are answered while files are indexed: the
store takes calls from both. A model that takes seconds (a cross-encoder, a language model) has a third one.
The event loop's thread only passes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from threading import Event, Thread
from typing import Any, TypeVar

from indexer.analysis.worker_pool import IdleWorker
from indexer.config import Config
from indexer.errors import CorneaError, StoreDamaged, StoreError
from indexer.index.index import Index
from indexer.index.query_priority import QueryPriority
from indexer.pipeline import Progress, Report, ensure, options, update
from indexer.store import Store
from indexer.walk.watch import FolderWatch

from ..config import SearchConfig
from . import incomplete, memory, settings
from .frames import Message
from .messages import CANCELLED, LEAVING, Refused
from .methods import Desk, checked, is_slow, warm
from .params import Params
from .reports import as_json, status
from .rest import Rest

T = TypeVar("T")
Tell = Callable[[str, Message], None]
"""Takes the name of an event and its params; called in the event loop's thread."""

PROGRESS_SECONDS = 0.1
"""Between two events of progress."""
OPENING_SECONDS = 0.02
"""Between two looks whether the store is open."""
PATIENCE_SECONDS = 5.0
"""Files that turned out to be left out may change as often as they like; so often they are looked at. As
often it is tried again what failed.
"""
_LOOKS = 100
_ATTEMPTS = 12
"""So often a question is asked of a store that is closed under it."""
UPDATE_SECONDS = 2.0
"""Who wants an answer of the files as they are now waits so long for an update that was running already; an
index that is built, or a large change, takes longer, and the answer says how far it is.
"""
_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the layers below, as they are in force now."""

    config: Config
    search: SearchConfig


class Service:
    """An index, kept fresh, and what can be asked of it. To be used in the event loop that it was made in.

    `reload` reads the settings again; `tell` passes events on to whoever listens; `outdated` is called when
    the settings have changed so that only another host can serve them.
    """

    interim = False

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        reload: Callable[[], Settings],
        tell: Tell,
        outdated: Callable[[], None],
    ) -> None:
        self.index = index
        self._desk = Desk(index, search, self._store)
        self._reload, self._tell, self._outdated = reload, tell, outdated
        self._loop = asyncio.get_running_loop()
        self._questions = ThreadPoolExecutor(1, "questions")
        self._slow = ThreadPoolExecutor(1, "slow")
        self._updates = ThreadPoolExecutor(1, "updates")
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[Report] | None = None
        self._leaving = Event()
        self._halted = Event()
        self._yes = False
        self._progress: Progress | None = None
        self._told = 0.0
        self._updated = 0.0
        self._trouble = self._told_of = ""
        self._building = False
        self._fruitless: set[str] = set()
        self._later: asyncio.TimerHandle | None = None
        index.idle_worker = self._reserve = IdleWorker()
        index.query_priority = self._courtesy = QueryPriority()
        self._watch = FolderWatch(index.root, lambda: options(index.config, index.root))
        self._watcher = Thread(target=self._watching, name="watch", daemon=True)
        self._rest = Rest(
            index, self._turn, lambda job: self._in(self._updates, job), self.refreshed, self._forget_much
        )
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Watch, which begins with an update; questions are answered meanwhile."""
        # Before the update: whoever asks now need not wait for its end.
        self._kept(self._in(self._updates, self._opened))
        self._kept(self._asked(self._questions, lambda: warm(self._desk)))
        self._loop.call_soon(self._watcher.start)

    def _opened(self) -> None:
        _ = self.index.store
        memory.give_back(self.index.folder)  # opening touches every page

    async def answer(self, method: str, params: Message) -> Message:
        """The answer to a request. Raises CorneaError."""
        if method == "status":
            return await self._told_status()
        if method == "reindex":
            wants = Params(params)
            rebuild, yes = wants.flag("rebuild"), wants.flag("yes")
            report = await (self._rebuilt(yes) if rebuild else self.refreshed(yes))
            return {"report": as_json(report), "repo": self.index.repo}
        if method == "halt":
            self.halt()
            return {}
        asked = Params(params)
        ask = checked(method)
        pool = self._slow if is_slow(method, self._desk.config) else self._questions
        for _ in range(_ATTEMPTS):
            done = await self._soon_refreshed(asked.flag("yes")) if asked.flag("refresh") else None
            generation, whole, progress = self.index.generation, not self._building, self._progress
            answer = await self._asked(pool, lambda: ask(self._desk, asked))
            whole = whole and self.index.generation == generation
            if whole or done is None:
                break
        if not whole or (done is None and asked.flag("refresh")):
            answer |= incomplete.member(progress, first=not whole)
        return answer | ({"report": as_json(done)} if done else {})

    def _forget_much(self) -> None:
        self._desk.rest()

    async def refreshed(self, yes: bool = False) -> Report:
        """The report of an update that began after this call; those who wait at the same time share one."""
        self._yes = self._yes or yes
        if self._next is None:
            self._next = self._kept(self._refresh())
        return await asyncio.shield(self._next)

    async def _soon_refreshed(self, yes: bool) -> Report | None:
        """As `refreshed`; None where an update that is running takes longer than UPDATE_SECONDS."""
        if not self._turn.locked():
            return await self.refreshed(yes)
        try:
            return await asyncio.wait_for(self.refreshed(yes), UPDATE_SECONDS)
        except TimeoutError:
            return None

    def halt(self) -> None:
        """End the update that is running and the one that waits; what they have done stays done.

        The next change of a file, or whoever asks for it, begins another one.
        """
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self._halted.set()

    async def close(self) -> None:
        """Stop watching and updating, let go of the index. What is running ends first."""
        self._leaving.set()
        self._rest.close()
        for pool in (self._updates, self._questions, self._slow):
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)
        if self._watcher.is_alive():
            await asyncio.to_thread(self._watcher.join)
        self._desk.close()
        self._reserve.close()
        self.index.close()

    @property
    def fingerprint(self) -> str:
        """Of the settings in force; those on disk may have changed since the last update."""
        return settings.fingerprint(self.index.config, self._desk.config)

    def reconsider(self) -> None:
        """Read the settings again. Raises CorneaError where they are wrong, Refused where we must go."""
        now = self._reload()
        if settings.identity(self.index.config) != settings.identity(now.config):
            self._loop.call_soon_threadsafe(self._outdated)
            raise Refused(LEAVING, "the settings have changed; the host makes room for another one")
        self.index.config = now.config
        if now.search != self._desk.config:
            self._desk.close()
            self._desk = Desk(self.index, now.search, self._store)

    async def _in(self, pool: ThreadPoolExecutor, job: Callable[[], T]) -> T:
        if self._leaving.is_set():
            raise Refused(LEAVING, "the host is leaving; ask again")
        with self._rest.disturbed():
            return await self._loop.run_in_executor(pool, job)

    async def _asked(self, pool: ThreadPoolExecutor, job: Callable[[], Message]) -> Message:
        """A question's answer; where the store was closed under it, that of the one which came after."""
        for attempt in range(_ATTEMPTS):
            before, generation = self.index.store_if_open, self.index.generation
            # One thread alone opens the store, that of the updates: a second one would find it locked. Who
            # waits for that thread waits for the end of whatever closed the store, too.
            if before is None and not attempt:
                before = await self._first_opened()
            elif attempt:
                before = await self._in(self._updates, lambda: self.index.store)
            try:
                # Only now: what waits for an update must not make it wait.
                with self._courtesy.query() if pool is self._questions else nullcontext():
                    return await self._in(pool, job)
            except StoreDamaged as error:
                await self._rebuild_damaged(error, generation)
            except StoreError:
                # What runs may be closing it right now.
                same = self.index.store_if_open is before and not self._turn.locked()
                if same or self._leaving.is_set() or attempt + 1 == _ATTEMPTS:
                    raise
        raise StoreError(f"{self.index.folder}: damaged again and again; run `cornea doctor`")

    async def _first_opened(self) -> Store:
        """The store, as soon as it is open: an update that was quicker to begin has it open while it runs."""
        job = asyncio.ensure_future(self._in(self._updates, lambda: self.index.store))
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

        await self._in(self._updates, discard)
        await self.refreshed()

    def _store(self) -> Store:
        """The open store, for a question that is being answered."""
        store = self.index.store_if_open
        if store is None:
            raise StoreError("the index is being built anew; ask again")
        return store

    async def _told_status(self) -> Message:
        """The status, once the manifest is there: one that is built anew has none for a moment."""
        for _ in range(_LOOKS):
            try:
                return await self._in(self._questions, self._status)
            except Refused:
                raise
            except StoreError:
                await asyncio.sleep(OPENING_SECONDS)
        return await self._in(self._questions, self._status)

    async def _refresh(self) -> Report:
        async with self._turn:
            self._next = None  # who comes from here on may have seen later changes, and gets another one
            yes, self._yes = self._yes, False
            return await self._run(lambda: ensure(self.index, self._observe, allow=lambda _: yes))

    async def _rebuilt(self, yes: bool) -> Report:
        async with self._turn:
            return await self._run(
                lambda: update(self.index, self._observe, rebuild=True, allow=lambda _: yes), anew=True
            )

    async def _run(self, job: Callable[[], Report], *, anew: bool = False) -> Report:
        """One update, and who cares told of it."""
        try:
            report = await self._in(self._updates, lambda: self._guarded(job, anew))
        except CorneaError as error:
            self._trouble = str(error)
            if isinstance(error, StoreError) and not isinstance(error, Refused):
                self._look_again(frozenset())  # a disk is not full for ever
            raise
        finally:
            self._progress = None
            self._building = False
        self._trouble = self._told_of = ""
        if report.touched or report.remarks:
            self._updated = time.time()
            self._tell("updated", as_json(report))
        return report

    def _guarded(self, job: Callable[[], Report], anew: bool) -> Report:
        self._building = anew or self.index.manifest.is_empty()
        self.reconsider()
        self._halted.clear()
        try:
            report = job()
        except KeyboardInterrupt:  # ours, from `_observe`: it is how an update is cut short
            if not self._leaving.is_set():
                raise Refused(CANCELLED, "indexing was stopped; `cornea index` goes on with it") from None
            raise Refused(LEAVING, "the host is leaving; ask again") from None
        if report.touched:
            self._rest.wrote()
        if report.fragments > _MANY:
            memory.give_back(self.index.folder)
        return report

    def _observe(self, progress: Progress) -> None:
        if self._leaving.is_set() or self._halted.is_set():
            raise KeyboardInterrupt
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS:
            self._told = now
            self._progress = replace(progress)
            self._loop.call_soon_threadsafe(self._tell, "progress", asdict(progress))

    def _watching(self) -> None:
        """The watcher's thread."""
        while not self._leaving.is_set():
            try:
                for batch in self._watch.batches(self._leaving):
                    self._loop.call_soon_threadsafe(self._changed, batch)
            except Exception as error:  # noqa: BLE001 - a thread's would be lost; `status` tells it
                self._watch.mode = f"not at all for now ({type(error).__name__}: {error})"
                self._leaving.wait(PATIENCE_SECONDS)

    def _changed(self, batch: frozenset[str]) -> None:
        """Update soon; what only concerns files that are left out can wait."""
        if self._leaving.is_set():
            return
        if batch and batch <= self._fruitless:
            self._look_again(batch)
            return
        self._look(batch)

    def _look_again(self, batch: frozenset[str]) -> None:
        """Update after a while, if nothing else makes us."""
        if self._later is None and not self._leaving.is_set():
            self._later = self._loop.call_later(PATIENCE_SECONDS, self._look, batch)

    def _look(self, batch: frozenset[str]) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._kept(self._followed(batch))

    async def _followed(self, batch: frozenset[str]) -> None:
        """An update because of file events. Its trouble is told by `status`, and to whoever asks next."""
        try:
            report = await self.refreshed()
            if not report.touched:
                await self._in(self._updates, lambda: self._remember(batch))
        except CorneaError as error:
            if not self._halted.is_set() and str(error) != self._told_of:
                self._told_of = str(error)
                self._tell("trouble", {"message": str(error)})

    def _remember(self, batch: frozenset[str]) -> None:
        """Which of these paths are left out, so that a log file that grows does not keep us busy."""
        if len(self._fruitless) > _MANY:
            self._fruitless.clear()
        entries = {path: self.index.manifest.entry(path) for path in sorted(batch)[:_MANY]}
        self._fruitless |= {path for path, entry in entries.items() if entry is None or entry.reason}

    def _kept(self, work: Any) -> asyncio.Task[Any]:
        """A task that the loop does not forget, and whose error is not lost on anybody who cares."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: whoever waited for it has it already

    def _status(self) -> Message:
        return status(self.index, self._progress) | {
            "updated": self._updated,
            "watches": self._watch.mode,
            "folders": len(self._watch.folders),
            "trouble": self._trouble,
        }
