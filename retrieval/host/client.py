"""A host's client: blocking for commands, awaitable for language servers. Both survive the host's death."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from indexer.errors import CorneaError, StoreError
from indexer.store.lock import read_owner

from .address import read_note
from .connection import Connection, Heard, reach
from .frames import Message
from .launch import last_words, spawn
from .messages import LEAVING, OUTDATED, READS, Lost, Refused
from .place import Place

POLL_SECONDS = 0.02
"""Between two looks whether a host has come or gone."""
_ATTEMPTS = 3
DEADLY_SECONDS = 300.0
"""So long nothing is asked about a buffer that two hosts died of."""
_OF_BUFFER, _BUFFERS = "continue", "documents"
"""The method that is about a buffer, and the parameter that takes buffers along."""


class Deadly(StoreError):
    """Hosts died of the text of a buffer, by native code of theirs: a grammar or the engine."""

    def __init__(self, params: Message) -> None:
        super().__init__(
            f"{params.get('path') or 'the buffer'}: two hosts died while they looked for what continues it; "
            f"nothing is suggested there for {DEADLY_SECONDS / 60:.0f} minutes"
        )


class Client:
    """Asks the host of a place, over one connection that is made again when it breaks.

    With `start` a host that is gone is started again; without it a request then raises Lost.
    """

    def __init__(self, place: Place, connection: Connection, heard: Heard | None, *, start: bool) -> None:
        self._place, self._heard, self._start = place, heard, start
        self._connection = connection
        self._lock = threading.Lock()
        self._deadly: dict[str, float] = {}

    @classmethod
    def connect(cls, place: Place, *, start: bool = False, on_event: Heard | None = None) -> Client | None:
        """A client of the place's host; None where there is none and `start` does not ask for one.

        `on_event` is called in a thread of the connection's. Raises StoreError where a host is there that
        will not serve us, or none can be started.
        """
        connection = _connection(place, on_event, start=start)
        return cls(place, connection, on_event, start=start) if connection is not None else None

    @property
    def greeting(self) -> Message:
        """What the host said of itself: its version, process, settings."""
        return self._connection.greeting

    def request(self, method: str, params: Message | None = None) -> Message:
        """The answer. Raises the CorneaError that the host met, Refused, or Lost."""
        asked = self.cleared(method, params or {})
        for attempt in range(_ATTEMPTS):
            try:
                connection, number, future = self.submit(method, asked)
                try:
                    return future.result()
                except KeyboardInterrupt:
                    connection.cancel(number)
                    raise
            except (Lost, Refused) as error:
                asked = self.bear(error, method, asked, attempt)
        raise AssertionError("the last attempt raises")

    def submit(self, method: str, params: Message) -> tuple[Connection, int, Future[Message]]:
        """Send a request: its connection, its number there, and its answer to come. Raises StoreError."""
        with self._lock:
            if not self._connection.open:
                self._connection.close()
                connection = _connection(self._place, self._heard, start=self._start)
                if connection is None:
                    raise Lost()
                self._connection = connection
            connection = self._connection
        return connection, *connection.submit(method, params)

    def cleared(self, method: str, params: Message) -> Message:
        """The parameters. Raises Deadly for a buffer that hosts have died of not long ago."""
        if method == _OF_BUFFER and time.monotonic() < self._deadly.get(str(params.get("path")), 0.0):
            raise Deadly(params)
        return params

    def bear(self, error: Lost | Refused, method: str, params: Message, attempt: int) -> Message:
        """What to ask with in another attempt; the error is raised if the request is not worth one.

        A request that the host refused because it leaves was not begun; one that was lost may have been, and
        what it brought along may be what the host died of.
        """
        leaving = isinstance(error, Refused) and error.kind == LEAVING
        lost = isinstance(error, Lost) and method in READS and self._start
        if attempt + 1 == _ATTEMPTS or not (leaving or lost):
            raise error
        if leaving:
            self._connection.close()
        elif method == _OF_BUFFER and attempt:
            self._deadly[str(params.get("path"))] = time.monotonic() + DEADLY_SECONDS
            raise Deadly(params) from error
        return {name: value for name, value in params.items() if leaving or name != _BUFFERS}

    def close(self) -> None:
        """Hang up; may be called twice."""
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient:
    """The same for an event loop: `request` is awaited, events come in the loop's thread."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    async def connect(
        cls, place: Place, *, start: bool = False, on_event: Heard | None = None
    ) -> AsyncClient | None:
        """As `Client.connect`."""
        heard = _in_loop(asyncio.get_running_loop(), on_event) if on_event else None
        client = await asyncio.to_thread(Client.connect, place, start=start, on_event=heard)
        return cls(client) if client is not None else None

    @property
    def greeting(self) -> Message:
        return self._client.greeting

    async def request(self, method: str, params: Message | None = None) -> Message:
        """The answer. Raises as `Client.request`; cancelling it cancels the request."""
        asked = self._client.cleared(method, params or {})
        for attempt in range(_ATTEMPTS):
            try:
                # In a thread: it may have to start a host, and a large buffer does not fit into a socket.
                sent = await asyncio.to_thread(self._client.submit, method, asked)
                connection, number, future = sent
                try:
                    return await asyncio.wrap_future(future)
                except asyncio.CancelledError:
                    connection.cancel(number)
                    raise
            except (Lost, Refused) as error:
                asked = self._client.bear(error, method, asked, attempt)
        raise AssertionError("the last attempt raises")

    async def close(self) -> None:
        await asyncio.to_thread(self._client.close)


def stop(place: Place) -> int:
    """End the host of a place and wait until it has let go of the index: its process, 0 if there was none.

    One that does not answer is killed: that loses nothing. Raises StoreError if it stays all the same. A
    command that only answers while it indexes is no host, and goes on.
    """
    note = read_note(place.folder)
    if note is None or note.interim:
        return 0
    deaf = False
    try:
        connection = reach(place)
        if connection is None:
            return 0
        connection.submit("leave", {})[1].result(place.seconds)
        connection.close()
    except Refused as error:
        deaf = error.kind not in (OUTDATED, LEAVING)
    except (Lost, TimeoutError):
        deaf = True
    until = time.monotonic() + place.seconds
    while (owner := read_owner(place.folder)) is not None and owner.pid == note.pid:
        if deaf or time.monotonic() > until:
            with suppress(OSError):
                os.kill(owner.pid, signal.SIGKILL)
            if time.monotonic() > until + place.seconds:
                raise StoreError(f"the host (process {owner.pid}) does not end; end it by other means")
        time.sleep(POLL_SECONDS)
    return note.pid


def _connection(place: Place, heard: Heard | None, *, start: bool) -> Connection | None:
    """A connection to the host that is there, or to one that is started. Raises StoreError."""
    process: Any = None
    until = time.monotonic() + place.seconds
    while True:
        try:
            connection = reach(place, heard)
        except Refused as error:
            if error.kind not in (OUTDATED, LEAVING):
                raise
            connection = None  # it makes room
        if connection is not None or not start:
            if connection is not None and process and connection.greeting["pid"] != process.pid:
                process.terminate()  # another one was faster; this one would wait for its turn
            return connection
        if process is None:
            process = spawn(place)
        elif process.poll():
            raise _failed(place)
        elif time.monotonic() > until:
            raise StoreError(
                f"{place.root}: no host within {place.seconds:g} s; see {place.folder / 'host.log'}"
            )
        elif process.poll() == 0:
            process = None  # it found another one, which is about to come or to go
        time.sleep(POLL_SECONDS)


def _failed(place: Place) -> CorneaError:
    words = last_words(place.folder).removeprefix("cornea: ").removeprefix("error: ")
    return StoreError(words or f"{place.root}: its host could not start; run `cornea host run {place.root}`")


def _in_loop(loop: asyncio.AbstractEventLoop, heard: Heard) -> Heard:
    def passed(name: str, params: Message) -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(heard, name, params)

    return passed
