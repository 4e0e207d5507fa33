"""A process that holds an index for the time of one update, and answers others' questions meanwhile.

`cornea index`, or a command that has to build its index first, is no host. But it holds the store's lock, so
nobody else can open the store until it is done. An update that takes longer than START_SECONDS therefore
listens where a host would: commands that would wait for the lock ask this process instead.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from indexer.errors import StoreError
from indexer.index.query_priority import QueryPriority

from . import incomplete
from .messages import BUSY, LEAVING, Refused
from .place import Place

if TYPE_CHECKING:  # an update that is over at once needs none of them
    from indexer.index.index import Index
    from indexer.pipeline import Observer, Progress

    from ..config import SearchConfig
    from .frames import Message
    from .server import Server

Say = Callable[[str], None]
"""Takes lines about what happens."""

START_SECONDS = 1.0
"""An update that is done by then is not worth a socket: who waits for it waits no longer."""
PROGRESS_SECONDS = 0.1
"""Between two events of progress."""
LAST_SECONDS = 2.0
"""What is being answered when the update is done gets so long. Who gets no answer asks again."""
_LOOK_SECONDS = 0.02
"""Between two looks whether the store is open."""
_FOREVER = 10.0 * 365 * 86_400
"""It leaves when the update is done, not when nobody asks."""


@contextmanager
def answering(
    index: Index, search: SearchConfig, place: Place, observe: Observer, say: Say, *, rebuild: bool = False
) -> Iterator[Observer]:
    """While inside, other processes are answered from `index`, which the caller updates or rebuilds.

    Yields the observer that the update has to be given; it calls `observe` in turn. Nobody is answered
    before START_SECONDS have passed. Trouble with answering never concerns the update; `say` is told.
    """
    index.query_priority = QueryPriority()
    state = State(index, search, index.query_priority, first=rebuild or _is_empty(index))
    thread = threading.Thread(target=_run, args=(state, place, say), name="answers", daemon=True)
    thread.start()

    def told(progress: Progress) -> None:
        state.observe(progress)
        observe(progress)

    try:
        yield told
    finally:
        state.end()
        thread.join()
        index.query_priority = None


def _is_empty(index: Index) -> bool:
    try:
        return index.manifest.is_empty()
    except StoreError:  # damaged: the update rebuilds it
        return True


def _run(state: State, place: Place, say: Say) -> None:
    """The thread that answers."""
    if state.finished.wait(START_SECONDS):
        return
    import asyncio  # an update that is over at once needs no event loop

    try:
        asyncio.run(_serve(state, place, say))
    except Exception as error:  # noqa: BLE001 - who asks waits for the lock, as without this
        say(f"nobody can be answered while the index is updated ({type(error).__name__}: {error})")


async def _serve(state: State, place: Place, say: Say) -> None:
    from .server import Server

    server = Server(place, _FOREVER, last_seconds=LAST_SECONDS)
    await server.serve(Interim(state, server), say)


class State:
    """What the thread of the update and those that answer share."""

    def __init__(self, index: Index, search: SearchConfig, courtesy: QueryPriority, *, first: bool) -> None:
        self.index, self.search, self.courtesy, self.first = index, search, courtesy, first
        self.progress: Progress | None = None
        self.finished = threading.Event()
        self.on_progress: Callable[[Progress], None] | None = None
        self.on_end: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._told = 0.0

    def observe(self, progress: Progress) -> None:
        """Called by the update after each file."""
        self.progress = replace(progress)
        now = time.monotonic()
        if self.on_progress is not None and now - self._told >= PROGRESS_SECONDS:
            self._told = now
            self.on_progress(self.progress)

    def end(self) -> None:
        """The update is over."""
        with self._lock:
            self.finished.set()
            if self.on_end is not None:
                self.on_end()

    def listen(self, on_progress: Callable[[Progress], None], on_end: Callable[[], None]) -> None:
        """Have these called, in the update's thread; `on_end` at once where the update is over already."""
        with self._lock:
            self.on_progress, self.on_end = on_progress, on_end
            if self.finished.is_set():
                on_end()

    def settle(self) -> None:
        """Call nobody any more."""
        with self._lock:
            self.on_progress = self.on_end = None


class Interim:
    """What `Server` serves while the index is updated. To be made and used in the server's event loop."""

    interim = True

    def __init__(self, state: State, server: Server) -> None:
        import asyncio

        from .methods import Desk

        self._state, self._server = state, server
        self._loop = asyncio.get_running_loop()
        self._desk = Desk(state.index, state.search, self._opened)
        self._questions = ThreadPoolExecutor(1, "questions")
        self._slow = ThreadPoolExecutor(1, "slow")

    def start(self) -> None:
        self._state.listen(self._tell, lambda: self._soon(self._server.leave, "the update is done"))

    async def close(self) -> None:
        """Take no more questions. One that still runs finds the store closed, and nobody waits for it."""
        self._state.settle()
        for pool in (self._questions, self._slow):
            pool.shutdown(wait=False, cancel_futures=True)
        self._desk.close()

    @property
    def fingerprint(self) -> str:
        """Of the settings that the update runs with."""
        from . import settings

        return settings.fingerprint(self._state.index.config, self._state.search)

    def reconsider(self) -> None:
        """Settings that change meanwhile are read by the next process."""

    async def answer(self, method: str, params: Message) -> Message:
        """The answer to a request. Raises CorneaError."""
        if method == "status":
            return await self._loop.run_in_executor(self._questions, self._status)
        if method == "reindex":
            # An update that began earlier may have missed what this client has just changed.
            await self._server.unreachable.wait()
            raise Refused(LEAVING, f"process {os.getpid()} has finished its update; ask again")
        if method in ("halt", "leave"):
            raise Refused(BUSY, f"process {os.getpid()} indexes, and is no host; stop it where it runs")
        return await self._answered(method, params)

    async def _answered(self, method: str, params: Mapping[str, Any]) -> Message:
        from .methods import checked, is_slow
        from .params import Params

        ask, asked = checked(method), Params(dict(params))
        slow = is_slow(method, self._state.search)
        pool = self._slow if slow else self._questions

        def answered() -> Message:
            with nullcontext() if slow else self._state.courtesy.query():
                return ask(self._desk, asked)

        while True:
            await self._until_opened()
            before = self._state.index.store_if_open
            try:
                answer = await self._loop.run_in_executor(pool, answered)
            except StoreError:
                if self._state.finished.is_set():
                    raise self._done() from None
                if self._state.index.store_if_open is before:
                    raise
            else:
                return answer | incomplete.member(self._state.progress, first=self._state.first)

    async def _until_opened(self) -> None:
        """Wait for the update to open the store. Raises Refused where it ends without."""
        import asyncio

        while self._state.index.store_if_open is None:
            if self._state.finished.is_set():
                raise self._done()
            await asyncio.sleep(_LOOK_SECONDS)

    def _opened(self) -> Any:
        store = self._state.index.store_if_open
        if store is None:
            raise StoreError("the index is being built anew; ask again")
        return store

    def _done(self) -> Refused:
        return Refused(LEAVING, f"process {os.getpid()} has finished its update; ask again")

    def _status(self) -> Message:
        from .reports import status

        return status(self._state.index, self._state.progress) | {"interim": True}

    def _tell(self, progress: Progress) -> None:
        """For the thread of the update."""
        from dataclasses import asdict

        self._soon(self._server.tell, "progress", asdict(progress))

    def _soon(self, call: Callable[..., object], *values: object) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call, *values)
