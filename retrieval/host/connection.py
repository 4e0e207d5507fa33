"""A connection to a host, which sends requests and receives answers and events."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path

from indexer.errors import UsageError

from .address import Note, connect, read_note
from .frames import CHUNK, MAX_ANSWER, MAX_REQUEST, FrameError, Message, Reader, pack
from .messages import PROTOCOL, HostGone, RequestRefused, exception_from
from .settings import HostKey

EventHandler = Callable[[str, Message], None]
"""A function that is called in the reader's thread with the name and the parameters of an event. If the host
closes the connection, the last event is `gone`."""

CONNECT_SECONDS = 30.0
"""Seconds to wait for a host to answer `hello`. A host may be slow after the machine was suspended."""


class Connection:
    """A connection to a host. It is open until `close` is called or the host ends. Thread-safe."""

    def __init__(
        self, key: HostKey, note: Note, on_event: EventHandler | None, seconds: float = CONNECT_SECONDS
    ) -> None:
        """Connect, and wait up to `seconds` for the greeting.

        Raises HostGone if no host listens or answers. Raises RequestRefused if the host refuses to serve us.
        """
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._waiting: dict[int, Future[Message]] = {}
        self._numbers = count(1)
        self._on_event = on_event
        self._closed = self._ours = False
        self.pid = note.pid
        try:
            self._socket = connect(note, seconds)
        except OSError as error:
            raise HostGone(
                f"no host answers at {note.path or note.port} ({error.strerror or error})"
            ) from error
        self._socket.settimeout(None)  # the greeting has a limit of its own
        self._reader = threading.Thread(target=self._read, name="host's answers", daemon=True)
        try:
            self.greeting = self._greet(key, note, seconds)
        except BaseException:
            self.close()
            raise

    @property
    def open(self) -> bool:
        return not self._closed

    def submit(self, method: str, params: Message) -> tuple[int, Future[Message]]:
        """Send a request. Returns the number of the request, and a future of the answer.

        The future raises the error that the host reports, or HostGone. This method raises HostGone if the
        connection is closed, and UsageError if the request is too large.
        """
        with self._lock:
            number, future = next(self._numbers), Future[Message]()
            try:
                frame = pack({"id": number, "method": method, "params": params}, MAX_REQUEST)
            except FrameError as error:
                raise UsageError(f"the request is {error}; send less") from error
            if self._closed:
                raise HostGone()
            self._waiting[number] = future
        self._send(frame)
        return number, future

    def cancel(self, number: int) -> None:
        """Cancel a request. If an answer still arrives, it is ignored."""
        with self._lock:
            future = self._waiting.pop(number, None)
        if future is not None:
            future.cancel()
            with suppress(HostGone):
                self._send(pack({"cancel": number}))

    def close(self) -> None:
        """Close the connection. Pending requests raise HostGone. Event handlers may call this method.

        Calling it twice is allowed.
        """
        with self._lock:  # if the host closed the connection first, `gone` must still be sent
            self._ours = self._ours or not self._closed
        self._hang_up()
        if self._reader.is_alive() and self._reader is not threading.current_thread():
            self._reader.join()
        self._socket.close()

    def _greet(self, key: HostKey, note: Note, seconds: float) -> Message:
        self._reader.start()
        hello = {
            "protocol": PROTOCOL,
            "version": key.version,
            "token": note.token,
            "events": self._on_event is not None,
        }
        _, future = self.submit("hello", hello)
        try:
            return future.result(seconds)
        except TimeoutError as error:
            raise HostGone(
                f"the host (process {note.pid}) does not answer; kill this process if it stays silent"
            ) from error

    def _send(self, frame: bytes) -> None:
        try:
            with self._sending:
                self._socket.sendall(frame)
        except OSError as error:
            self._hang_up()
            raise HostGone() from error

    def _read(self) -> None:
        """The body of the reader's thread."""
        frames = Reader(MAX_ANSWER)
        try:
            with suppress(OSError, FrameError):  # after either error, nothing more can be read
                while data := self._socket.recv(CHUNK):
                    for message in frames.feed(data):
                        self._take(message)
        finally:  # even if an event handler fails, no request may wait for an answer that is never read
            self._hang_up()
        if not self._ours and self._on_event is not None:
            self._on_event("gone", {})

    def _take(self, message: Message) -> None:
        name = message.get("event")
        if isinstance(name, str):
            if self._on_event is not None:
                self._on_event(name, message.get("params") or {})
            return
        number = message.get("id")
        error = exception_from(message["error"]) if "error" in message else None
        if number is None and isinstance(error, RequestRefused):  # the connection as a whole is refused
            self._fail(error)
            return
        with self._lock:
            future = self._waiting.pop(number, None) if isinstance(number, int) else None
        if future is None or not future.set_running_or_notify_cancel():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(message.get("result") or {})

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._fail(HostGone())

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if future.set_running_or_notify_cancel():
                future.set_exception(error)


def open_connection(
    key: HostKey, on_event: EventHandler | None = None, seconds: float = CONNECT_SECONDS
) -> Connection | None:
    """Returns a connection to the host of an index. Returns None if no host listens.

    Raises RequestRefused if the host refuses to serve us. Raises HostGone if the host does not answer within
    `seconds`.
    """
    note = read_note(key.folder)
    if note is None:
        return None
    try:
        return Connection(key, note, on_event, seconds)
    except HostGone:
        if is_gone(key.folder, note):
            return None
        raise


def is_gone(folder: Path, note: Note) -> bool:
    """Whether the host that wrote a note is gone."""
    if read_note(folder) != note:
        return True
    try:
        connect(note, 1.0).close()
    except OSError as error:
        return isinstance(error, ConnectionRefusedError | FileNotFoundError | ConnectionResetError)
    return False
