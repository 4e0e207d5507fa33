"""Two clients of a host: a blocking client, and a client for asyncio. Both reconnect if the host dies."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import CorneaError, StoreError
from indexer.quarantine import Quarantine, Suspect
from indexer.skip_reason import SkipKind, SkipReason
from indexer.store.lock import read_owner

from .address import read_note
from .connection import Connection, EventHandler, open_connection
from .frames import Message
from .launch import last_log_line, spawn
from .messages import LEAVING, OUTDATED, READS, HostGone, RequestRefused
from .settings import HostKey

if TYPE_CHECKING:
    from .requests import A, RequestParams

POLL_SECONDS = 0.02
"""Seconds between two checks of whether a host has started or stopped."""
_ATTEMPTS = 3
_OF_BUFFER, _BUFFERS = "continue", "documents"
"""`continue` is the method about a single buffer. In other methods, `documents` holds the buffers."""
_WHY = SkipReason(SkipKind.KILLED_HOST)


class CrashingBuffer(StoreError):
    """The text of a buffer crashed two hosts, in native code such as that of a grammar or of the engine."""

    def __init__(self, params: Message) -> None:
        super().__init__(
            f"{params.get('path') or 'the buffer'}: two hosts crashed on a request for suggestions; "
            f"suggestions for this file are off for {Suspect.BUFFER.seconds / 60:.0f} minutes"
        )


class Client:
    """Sends requests to the host of an index over one connection, and reconnects if the connection breaks.

    If the host is gone and `start` is true, the client starts a new host. If the host is gone and `start` is
    false, requests raise HostGone.
    """

    def __init__(
        self, key: HostKey, connection: Connection, on_event: EventHandler | None, *, start: bool
    ) -> None:
        self._key, self._on_event, self.start = key, on_event, start
        self._connection = connection
        self._lock = threading.Lock()
        self.quarantine = Quarantine(key.folder)

    @classmethod
    def connect(
        cls, key: HostKey, *, start: bool = False, on_event: EventHandler | None = None
    ) -> Client | None:
        """Returns a client of the host of an index. Returns None if there is no host and `start` is false.

        `on_event` is called in a thread of the connection. Raises StoreError if the host refuses to serve
        this client, or cannot be started.
        """
        connection = _connection(key, on_event, start=start)
        return cls(key, connection, on_event, start=start) if connection is not None else None

    @property
    def greeting(self) -> Message:
        """The host's answer to `hello`, with the host's version, process id and settings."""
        return self._connection.greeting

    def request(self, method: str, params: Message | None = None) -> Message:
        """The answer to a request.

        Raises the CorneaError that the host raised. Raises RequestRefused if the host refuses the request,
        and HostGone if there is no host.
        """
        attempts = _Attempts(self, method, params or {})
        while True:
            with attempts:
                return attempts.submit().result()

    def ask(self, params: RequestParams[A]) -> A:
        """The answer to a typed request. Raises the same exceptions as `request`."""
        from .requests import answer_to, message_of

        return answer_to(params, self.request(*message_of(params)))

    def submit(self, method: str, params: Message) -> tuple[Connection, int, Future[Message]]:
        """Send a request. Returns the connection, the number of the request, and the future of the answer.

        Raises StoreError if the request cannot be sent.
        """
        with self._lock:
            if not self._connection.open:
                self._connection.close()
                connection = _connection(self._key, self._on_event, start=self.start)
                if connection is None:
                    raise HostGone()
                self._connection = connection
            connection = self._connection
        return connection, *connection.submit(method, params)

    def close(self) -> None:
        """Close the connection. May be called twice."""
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Attempts:
    """The attempts at one request: a context for each one, which suppresses errors that allow another.

    If the host refused the request because the host is stopping, the request did not run, and is sent again.
    If the host died, the buffers in the request may have crashed it, so they are left out. A request that is
    interrupted or cancelled is also cancelled in the host.
    """

    def __init__(self, client: Client, method: str, params: Message) -> None:
        """Raises CrashingBuffer for a buffer that has recently crashed two hosts."""
        self._client, self._method, self._params = client, method, params
        self._left = _ATTEMPTS
        self._sent: tuple[Connection, int] | None = None
        """The connection and the number of the request. None if it could not be sent."""
        self._buffer = str(params.get("path")) if method == _OF_BUFFER else None
        if self._buffer is not None and client.quarantine.why(Suspect.BUFFER, self._buffer):
            raise CrashingBuffer(params)

    def submit(self) -> Future[Message]:
        """Send the request. Returns the future of the answer. Raises StoreError if it cannot be sent."""
        connection, number, future = self._client.submit(self._method, self._params)
        self._sent = connection, number
        return future

    def __enter__(self) -> None:
        self._left, self._sent = self._left - 1, None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if error is None and self._buffer is not None:  # an earlier crash had another cause
            self._client.quarantine.forget(Suspect.BUFFER, self._buffer)
        if isinstance(error, KeyboardInterrupt | asyncio.CancelledError) and self._sent is not None:
            connection, number = self._sent
            connection.cancel(number)
        return isinstance(error, HostGone | RequestRefused) and self._prepare_next(error)

    def _prepare_next(self, error: HostGone | RequestRefused) -> bool:
        """Whether the request can be sent again. Raises CrashingBuffer if its buffer is to blame."""
        if not self._left:
            return False
        if isinstance(error, RequestRefused):
            if error.kind == LEAVING:
                self._client.close()
            return error.kind == LEAVING
        if self._method not in READS or not self._client.start:
            return False
        if self._buffer is not None and self._sent is not None:
            host = str(self._sent[0].pid)
            if self._client.quarantine.record(Suspect.BUFFER, self._buffer, _WHY, process=host):
                raise CrashingBuffer(self._params) from error
        self._params = {name: value for name, value in self._params.items() if name != _BUFFERS}
        return True


class AsyncClient:
    """A client for asyncio. `request` is a coroutine, and `on_event` is called in the event loop's thread."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    async def connect(
        cls, key: HostKey, *, start: bool = False, on_event: EventHandler | None = None
    ) -> AsyncClient | None:
        """As `Client.connect`."""
        on_event = _in_loop(asyncio.get_running_loop(), on_event) if on_event else None
        client = await asyncio.to_thread(Client.connect, key, start=start, on_event=on_event)
        return cls(client) if client is not None else None

    async def request(self, method: str, params: Message | None = None) -> Message:
        """The answer to a request. If the coroutine is cancelled, the request is cancelled, too.

        Raises the same exceptions as `Client.request`.
        """
        attempts = _Attempts(self._client, method, params or {})
        while True:
            with attempts:
                # Use a thread, because to start a host or to send a large buffer may block.
                return await asyncio.wrap_future(await asyncio.to_thread(attempts.submit))

    async def close(self) -> None:
        await asyncio.to_thread(self._client.close)


def stop(key: HostKey) -> int:
    """Stop the host of an index, and wait until the host has released the index.

    Returns the process id of the host. Returns 0 if there is no host. Kills a host that does not answer; this
    loses no data. Raises StoreError if the host cannot be killed. A command that is
    updating the index may answer queries meanwhile; such a command is not stopped.
    """
    note = read_note(key.folder)
    if note is None or note.interim:
        return 0
    unresponsive = False
    try:
        connection = open_connection(key)
        if connection is None:
            return 0
        connection.submit("leave", {})[1].result(key.seconds)
        connection.close()
    except RequestRefused as error:
        unresponsive = error.kind not in (OUTDATED, LEAVING)
    except (HostGone, TimeoutError):
        unresponsive = True
    until = time.monotonic() + key.seconds
    while (owner := read_owner(key.folder)) is not None and owner.pid == note.pid:
        if unresponsive or time.monotonic() > until:
            with suppress(OSError):
                os.kill(owner.pid, signal.SIGKILL)
            if time.monotonic() > until + key.seconds:
                raise StoreError(f"the host (process {owner.pid}) cannot be killed; end it by other means")
        time.sleep(POLL_SECONDS)
    return note.pid


def _connection(key: HostKey, on_event: EventHandler | None, *, start: bool) -> Connection | None:
    """The connection of a client. Returns None and raises StoreError as `Client.connect`."""
    process: Any = None
    until = time.monotonic() + key.seconds
    while True:
        try:
            connection = open_connection(key, on_event)
        except RequestRefused as error:
            if error.kind not in (OUTDATED, LEAVING):
                raise
            connection = None  # the host is stopping
        if connection is not None or not start:
            if connection is not None and process and connection.greeting["pid"] != process.pid:
                process.terminate()  # another host was faster, and our process would wait for the lock
            return connection
        if process is None:
            process = spawn(key)
        elif process.poll():
            raise _failed(key)
        elif time.monotonic() > until:
            raise StoreError(
                f"{key.root}: the host did not start within {key.seconds:g} s; see {key.folder / 'host.log'}"
            )
        elif process.poll() == 0:
            process = None  # the process found another host, which is starting or stopping
        time.sleep(POLL_SECONDS)


def _failed(key: HostKey) -> CorneaError:
    words = last_log_line(key.folder).removeprefix("cornea: ").removeprefix("error: ")
    return StoreError(words or f"{key.root}: the host could not start; run `cornea host run {key.root}`")


def _in_loop(loop: asyncio.AbstractEventLoop, on_event: EventHandler) -> EventHandler:
    def passed(name: str, params: Message) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(on_event, name, params)

    return passed
