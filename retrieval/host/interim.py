"""Answers other processes' queries while a command that is not a host updates the index.

`cornea index`, and any command that must first build an index, holds the lock of the store until the update
is done. If the update takes longer than START_SECONDS, the process listens where a host would listen. Other
commands then send their queries to this process instead of waiting for the lock.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from indexer.errors import StoreError

from .messages import BUSY, LEAVING, RequestRefused
from .settings import HostKey, fingerprint

if TYPE_CHECKING:  # at run time, these modules are imported only if an update takes START_SECONDS
    import asyncio

    from indexer.index.index import Index
    from indexer.pipeline import Observer, Progress

    from ..config import SearchConfig
    from .frames import Message
    from .server import HostServer

Reporter = Callable[[str], None]
"""A function that is called with lines of text for the user."""

START_SECONDS = 1.0
"""Seconds after the start of an update at which the process starts to listen."""
PROGRESS_SECONDS = 0.1
"""Minimum seconds between two progress events."""
DRAIN_SECONDS = 2.0
"""When the update is done, running queries get this number of seconds to finish. Clients without an answer
then retry."""
_CHECK_SECONDS = 0.02
"""Seconds between two checks of whether the store is open, or the update is over."""
_DESCRIPTORS = 16
"""Number of file descriptors that the event loop, the listening socket and a few clients take."""
_FOREVER = 10.0 * 365 * 86_400
"""Seconds without a client after which the server would stop. It stops earlier, when the update is done."""


@contextmanager
def serve_during_update(
    index: Index,
    search: SearchConfig,
    key: HostKey,
    observe: Observer,
    say: Reporter,
    *,
    rebuild: bool = False,
) -> Iterator[Observer]:
    """A context in which other processes can query `index` while the caller updates or rebuilds it.

    Yields the observer that the caller must pass to the update. This observer also calls `observe`. The
    process starts to listen after START_SECONDS. An error of the server does not affect the update; the error
    is reported to `say`.
    """
    state = UpdateState(index, search, rebuild or _is_empty(index))
    thread = threading.Thread(target=_answer_thread, args=(state, key, say), name="answers", daemon=True)
    thread.start()

    def observe_update(progress: Progress) -> None:
        state.progress = replace(progress)
        observe(progress)

    try:
        yield observe_update
    finally:
        state.finished.set()
        thread.join()


def _is_empty(index: Index) -> bool:
    try:
        return index.manifest.is_empty()
    except StoreError:  # the index is damaged, and the update will rebuild it
        return True


def _answer_thread(state: UpdateState, key: HostKey, say: Reporter) -> None:
    """The body of the thread that runs the server."""
    if state.finished.wait(START_SECONDS):
        return
    import asyncio  # imported only here, because the import takes time

    try:
        _check_descriptors()
        asyncio.run(_serve(state, key, say))
    except Exception as error:  # noqa: BLE001 - without a server, other commands wait for the lock
        say(f"no queries can be answered during the update ({type(error).__name__}: {error})")


def _check_descriptors() -> None:
    """Raise OSError if the limit of open files is too low for an event loop and a listening socket.

    Python 3.12 and later print tracebacks for an event loop whose creation fails halfway.
    """
    opened: list[int] = []
    try:
        for _ in range(_DESCRIPTORS):
            opened.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for one in opened:
            os.close(one)


async def _serve(state: UpdateState, key: HostKey, say: Reporter) -> None:
    from .server import HostServer

    server = HostServer(key, _FOREVER, drain_seconds=DRAIN_SECONDS)
    await server.serve(InterimService(state, server), say)


@dataclass(slots=True)
class UpdateState:
    """The state of the update. The updating thread changes it, and the server's thread reads it."""

    index: Index
    search: SearchConfig
    first: bool
    """Whether the update builds a new index."""
    progress: Progress | None = None
    finished: threading.Event = field(default_factory=threading.Event)


class InterimService:
    """The request handler during an update. Create it and use it only in the server's event loop."""

    interim = True

    def __init__(self, state: UpdateState, server: HostServer) -> None:
        from .query_threads import QueryThreads

        self._state, self._server = state, server
        self._queries = QueryThreads(state.index, state.search, nullcontext)
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        import asyncio

        self._watch = asyncio.get_running_loop().create_task(self._watch_update())

    async def close(self) -> None:
        """Accept no more queries. Do not wait for a running query, which will find the store closed."""
        if self._watch is not None:
            self._watch.cancel()
        await self._queries.close(wait=False)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the settings that the update runs with."""
        return fingerprint(self._state.index.config, self._state.search)

    def reload_settings(self) -> None:
        """Do nothing, because an update keeps the settings that it began with."""

    async def answer(self, method: str, params: Message) -> Message:
        """The answer to a request. Raises CorneaError if the request fails or is refused."""
        if method == "status":
            return await self._queries.read(self._status)
        if method == "reindex":
            # The running update may have missed what this client has just changed.
            await self._server.unreachable.wait()
            raise self._finished_error()
        if method in ("halt", "leave"):
            raise RequestRefused(
                BUSY, f"process {os.getpid()} is indexing and is not a host; stop it in its own terminal"
            )
        return await self._run_query(method, params)

    async def _run_query(self, method: str, params: Message) -> Message:
        from ..typed_json import encode
        from .answers import RunningUpdate

        query, index = self._queries.query(method, params), self._state.index
        while True:
            await self._until_opened()
            before = index.store_if_open
            try:
                answer = await query()
            except StoreError:
                if self._state.finished.is_set():
                    raise self._finished_error() from None
                if index.store_if_open is before:
                    raise
            else:
                indexing = RunningUpdate.of(self._state.progress, first=self._state.first)
                return answer | {"indexing": encode(indexing)}

    async def _until_opened(self) -> None:
        """Wait until the update opens the store. Raises RequestRefused if the update ends before that."""
        import asyncio

        while self._state.index.store_if_open is None:
            if self._state.finished.is_set():
                raise self._finished_error()
            await asyncio.sleep(_CHECK_SECONDS)

    def _finished_error(self) -> RequestRefused:
        return RequestRefused(LEAVING, f"process {os.getpid()} has finished its update; try again")

    def _status(self) -> Message:
        from .answers import status

        return status(self._state.index, self._state.progress) | {"interim": True}

    async def _watch_update(self) -> None:
        """Send progress events, and stop the server when the update is over."""
        import asyncio

        sent: Progress | None = None
        due = 0.0
        try:
            while not self._state.finished.is_set():
                progress = self._state.progress
                if progress is not None and progress is not sent and time.monotonic() >= due:
                    sent, due = progress, time.monotonic() + PROGRESS_SECONDS
                    self._server.notify("progress", asdict(progress))
                await asyncio.sleep(_CHECK_SECONDS)
        finally:  # or the thread of the server, for which the update waits, would never end
            self._server.leave("the update is done")
