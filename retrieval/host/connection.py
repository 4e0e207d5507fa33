"""One connection to a host: requests out, answers and events in, as they come."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from indexer.errors import UsageError

from . import messages
from .address import Note, connected, read_note
from .frames import MAX_ANSWER, MAX_REQUEST, FrameError, Message, Reader, pack
from .messages import PROTOCOL, Lost, Refused
from .place import Place

Heard = Callable[[str, Message], None]
"""Takes the name of an event and its params; called in the reader's thread. The last event is `gone`, where
it was the host that went."""

CONNECT_SECONDS = 30.0
"""So long a host may take to greet: it may have been put to sleep with the machine."""
_CHUNK = 262_144


class Connection:
    """Open from the start until `close`, or until the host goes away. Any thread may ask."""

    def __init__(
        self, place: Place, note: Note, heard: Heard | None, seconds: float = CONNECT_SECONDS
    ) -> None:
        """Wait so many `seconds` for the greeting.

        Raises Lost where nobody listens, Refused where somebody does but will not serve us.
        """
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._waiting: dict[int, Future[Message]] = {}
        self._number = 0
        self._heard = heard
        self._closed = self._ours = False
        self.pid = note.pid
        try:
            self._socket = connected(note, seconds)
        except OSError as error:
            raise Lost(f"no host answers at {note.path or note.port} ({error.strerror or error})") from error
        self._reader = threading.Thread(target=self._read, name="host's answers", daemon=True)
        try:
            self.greeting = self._greet(place, note, seconds)
        except BaseException:
            self.close()
            raise

    @property
    def open(self) -> bool:
        return not self._closed

    def submit(self, method: str, params: Message) -> tuple[int, Future[Message]]:
        """Send a request: its number, and its answer to come. The future raises CorneaError, Lost for none.

        Raises Lost, and UsageError for a request that is too large.
        """
        with self._lock:
            self._number += 1
            number, future = self._number, Future[Message]()
            frame = _packed(messages.request(number, method, params))
            if self._closed:
                raise Lost()
            self._waiting[number] = future
        self._send(frame)
        return number, future

    def cancel(self, number: int) -> None:
        """Give up on a request; an answer that is on its way is ignored."""
        with self._lock:
            future = self._waiting.pop(number, None)
        if future is not None:
            future.cancel()
            with suppress(Lost):
                self._send(pack(messages.cancel(number)))

    def close(self) -> None:
        """Hang up; who still waits gets Lost. May be called twice, and from an event's callback."""
        with self._lock:  # where the host went first, the reader is about to say so
            self._ours = self._ours or not self._closed
        self._hang_up()
        if self._reader.is_alive() and self._reader is not threading.current_thread():
            self._reader.join()
        self._socket.close()

    def _greet(self, place: Place, note: Note, seconds: float) -> Message:
        self._reader.start()
        hello = {
            "protocol": PROTOCOL,
            "version": place.version,
            "token": note.token,
            "events": self._heard is not None,
        }
        _, future = self.submit("hello", hello)
        try:
            greeting = future.result(seconds)
        except TimeoutError as error:
            raise Lost(f"the host (process {note.pid}) does not answer; end it if that goes on") from error
        self._socket.settimeout(None)
        return greeting

    def _send(self, frame: bytes) -> None:
        try:
            with self._sending:
                self._socket.sendall(frame)
        except OSError as error:
            self._hang_up()
            raise Lost() from error

    def _read(self) -> None:
        """The reader's thread."""
        frames = Reader(MAX_ANSWER)
        try:
            with suppress(OSError, FrameError):  # either way nothing that can be understood will follow
                while data := self._received():
                    for message in frames.feed(data):
                        self._take(message)
        finally:  # also where a callback fails: nobody must wait for answers that nobody reads
            self._hang_up()
        if not self._ours and self._heard is not None:
            self._heard("gone", {})

    def _received(self) -> bytes:
        while True:
            try:
                return self._socket.recv(_CHUNK)
            except TimeoutError:  # of the greeting
                if self._closed:
                    return b""

    def _take(self, message: Message) -> None:
        name = message.get("event")
        if isinstance(name, str):
            if self._heard is not None:
                self._heard(name, message.get("params") or {})
            return
        number = message.get("id")
        error = messages.raised(message["error"]) if "error" in message else None
        if number is None and isinstance(error, Refused):  # the connection as a whole is refused
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
        self._fail(Lost())

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if future.set_running_or_notify_cancel():
                future.set_exception(error)


def reach(place: Place, heard: Heard | None = None, seconds: float = CONNECT_SECONDS) -> Connection | None:
    """A connection to the host of a place; None where nobody listens. It may take so many seconds to greet.

    Raises Refused where a host will not serve us, Lost where it does not answer.
    """
    note = read_note(place.folder)
    if note is None:
        return None
    try:
        return Connection(place, note, heard, seconds)
    except Lost:
        if is_gone(place.folder, note):
            return None
        raise


def is_gone(folder: Path, note: Note) -> bool:
    """Whether a host that was noted is not there any more."""
    if read_note(folder) != note:
        return True
    try:
        connected(note, 1.0).close()
    except (ConnectionRefusedError, FileNotFoundError, ConnectionResetError):
        return True
    except OSError:
        return False
    return False


def _packed(message: Message) -> bytes:
    try:
        return pack(message, MAX_REQUEST)
    except FrameError as error:
        raise UsageError(f"the request is {error}; send less") from error
