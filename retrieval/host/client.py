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
from .host_key import HostKey
from .launch import last_log_line, spawn
from .messages import LEAVING, OUTDATED, READS, HostGone, RequestRefused

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
        self._key, self._on_event, self._start = key, on_event, start
        self._connection = connection
        self._lock = threading.Lock()
        self._quarantine = Quarantine(key.folder)

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
        sent_params = self.reject_quarantined(method, params or {})
        for attempt in range(_ATTEMPTS):
            connection = None
            try:
                connection, number, future = self.submit(method, sent_params)
                try:
                    answer = future.result()
                except KeyboardInterrupt:
                    connection.cancel(number)
                    raise
                self.forget_crash(method, params or {})
                return answer
            except (HostGone, RequestRefused) as error:
                sent_params = self.retry_params(error, method, sent_params, attempt, connection)
        raise AssertionError("the last attempt raises")

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
                connection = _connection(self._key, self._on_event, start=self._start)
                if connection is None:
                    raise HostGone()
                self._connection = connection
            connection = self._connection
        return connection, *connection.submit(method, params)

    def reject_quarantined(self, method: str, params: Message) -> Message:
        """Returns `params`. Raises CrashingBuffer for a buffer that has recently crashed two hosts."""
        if method == _OF_BUFFER and self._quarantine.why(Suspect.BUFFER, str(params.get("path"))):
            raise CrashingBuffer(params)
        return params

    def retry_params(
        self,
        error: HostGone | RequestRefused,
        method: str,
        params: Message,
        attempt: int,
        connection: Connection | None,
    ) -> Message:
        """The parameters with which to send a failed request again.

        Raises `error` if the request must not be sent again. If the host refused the request because the host
        is stopping, the request did not run, and the parameters stay the same. If the host died, the buffers
        in the request may have crashed the host, so the buffers are left out. `connection` is the one over
        which the request was sent; None if it could not be sent, so that it is not to blame.
        """
        leaving = isinstance(error, RequestRefused) and error.kind == LEAVING
        lost = isinstance(error, HostGone) and method in READS and self._start
        if attempt + 1 == _ATTEMPTS or not (leaving or lost):
            raise error
        if leaving:
            self._connection.close()
        elif method == _OF_BUFFER and connection is not None:
            path, host = str(params.get("path")), str(connection.pid)
            if self._quarantine.record(Suspect.BUFFER, path, _WHY, process=host):
                raise CrashingBuffer(params) from error
        return {name: value for name, value in params.items() if leaving or name != _BUFFERS}

    def forget_crash(self, method: str, params: Message) -> None:
        """Forget a crash on the buffer of a request that was answered: the crash had another cause."""
        if method == _OF_BUFFER:
            self._quarantine.forget(Suspect.BUFFER, str(params.get("path")))

    def close(self) -> None:
        """Close the connection. May be called twice."""
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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

    @property
    def greeting(self) -> Message:
        return self._client.greeting

    async def request(self, method: str, params: Message | None = None) -> Message:
        """The answer to a request. If the coroutine is cancelled, the request is cancelled, too.

        Raises the same exceptions as `Client.request`.
        """
        sent_params = self._client.reject_quarantined(method, params or {})
        for attempt in range(_ATTEMPTS):
            connection = None
            try:
                # Use a thread, because to start a host or to send a large buffer may block.
                sent = await asyncio.to_thread(self._client.submit, method, sent_params)
                connection, number, future = sent
                try:
                    answer = await asyncio.wrap_future(future)
                except asyncio.CancelledError:
                    connection.cancel(number)
                    raise
                self._client.forget_crash(method, params or {})
                return answer
            except (HostGone, RequestRefused) as error:
                sent_params = self._client.retry_params(error, method, sent_params, attempt, connection)
        raise AssertionError("the last attempt raises")

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
    """Returns a connection to the host of an index. Starts a host if there is none and `start` is true.

    Returns None if there is no host and `start` is false. Raises StoreError if the host refuses to serve this
    client, or cannot be started.
    """
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
