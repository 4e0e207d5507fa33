"""The server of a host: accepts connections, dispatches requests, and decides when to stop."""

from __future__ import annotations

import asyncio
import hmac
import os
import signal
import stat
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, cast

from indexer.errors import CorneaError, InternalError, StoreError, UsageError

from ..typed_json import decode, encode
from . import messages
from .address import Note, erase_note, listen, new_token, read_note, write_note
from .buffers import Buffers
from .dialing import is_own_user
from .frames import CHUNK, MAX_REQUEST, FrameError, Message, Reader, pack
from .launch import LOG
from .messages import BUSY, LEAVING, OUTDATED, PROTOCOL, REFUSED, STOPPING, RequestRefused
from .requests import BuffersParams
from .settings import HostKey

HELLO_SECONDS = 60.0
"""A connection is closed if no `hello` arrives within this number of seconds. On a busy machine, `hello` may
be late."""
REQUESTS_PER_CLIENT, REQUESTS_IN_ALL = 32, 256
"""Maximum pending requests of one client and of all clients. Further requests are refused immediately."""
MAX_CLIENTS = 128
"""Maximum number of open connections."""
CHECK_SECONDS = 2.0
"""Seconds between two checks of whether the root, the index folder and the socket still exist."""
MAX_UNREAD_BYTES = 1_000_000
"""A client with more unread bytes gets no events."""
DRAIN_SECONDS = 30.0
"""When a host stops, running requests get this number of seconds to finish."""
_TRACEBACK_LINES, _LINE_LENGTH = 400, 500
"""Maximum lines of a traceback in the log, and maximum characters of each. A message may quote a request."""


class RequestHandler(Protocol):
    """Answers requests: a `Service` in a host, or an `InterimService` in a command that updates an index."""

    interim: bool
    """Whether the process ends by itself when an update is done. A client must not stop such a process."""

    def start(self) -> None:
        """Start the handler. Called when clients can reach the server."""

    def reload_settings(self) -> None:
        """Read the settings again. Raises CorneaError if the settings are invalid or require a new host."""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the settings in use."""

    async def answer(self, method: str, params: Message) -> Message:
        """The answer to a request. Raises CorneaError if the request fails or is refused."""

    async def close(self) -> None:
        """Stop and release all resources."""


class HostServer:
    """Serves one index until it is idle, stopped, or replaced by a newer version."""

    def __init__(self, key: HostKey, idle_seconds: float, drain_seconds: float = DRAIN_SECONDS) -> None:
        self.key, self.idle_seconds = key, idle_seconds
        self.drain_seconds = drain_seconds
        self.unreachable = asyncio.Event()
        """Set when the note is removed. After that, no new client can connect."""
        self.since = time.time()
        self.token = new_token()
        self.clients: set[ClientConnection] = set()
        self.buffers = Buffers()
        """The unsaved texts of the clients."""
        self.service: RequestHandler
        self._say: Callable[[str], None]
        self._bugs: set[tuple[type[Exception], tuple[object, ...]]] = set()
        """The bugs in the log: the types of the exceptions, and where they were raised."""
        self.reason = ""
        self._root = _folder_id(key.root)
        self._stopping = asyncio.Event()
        self._idle_timer: asyncio.TimerHandle | None = None

    def notify(self, name: str, params: Message) -> None:
        """Send an event to the clients that subscribed to events."""
        for client in list(self.clients):
            client.notify(name, params)

    def leave(self, reason: str) -> None:
        """Refuse new requests, finish the running requests, and stop."""
        if not self._stopping.is_set():
            self.reason = reason
            self._stopping.set()

    async def serve(self, service: RequestHandler, say: Callable[[str], None]) -> None:
        """Listen until `leave` is called, then close `service`. The caller must hold the index's lock."""
        self.service, self._say = service, say
        folder = self.key.folder
        sock = listen(folder, self.token)
        name = sock.getsockname()
        unix = name if isinstance(name, str) else ""
        port = 0 if unix else int(name[1])
        note = Note(os.getpid(), self.key.version, self.token, unix, port, service.interim)
        server = await asyncio.start_server(self._serve_client, sock=sock)
        loop = asyncio.get_running_loop()
        if not service.interim:  # a command that updates an index handles signals in its main thread
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.leave, f"received signal {int(number)}")
        checks = loop.create_task(self._check_reachable(note))
        try:
            write_note(folder, note)
            service.start()
            self._restart_idle_timer()
            say(f"serving {self.key.root}")
            await self._stopping.wait()
        finally:
            say(f"leaving: {self.reason}")
            checks.cancel()
            erase_note(folder, note)
            self.unreachable.set()
            server.close()
            await self._drain()
            await service.close()

    def report_bug(self, work: str, error: Exception) -> InternalError:
        """Write the traceback of a bug in some work to the log. Returns the error for clients.

        Each bug is written once, because an editor may meet the same bug with each key, and a host may live
        for weeks.
        """
        innermost = traceback.extract_tb(error.__traceback__)[-1:]
        bug = type(error), tuple((frame.filename, frame.lineno) for frame in innermost)
        if bug not in self._bugs:
            self._bugs.add(bug)
            self._say(f"bug in {work[:60]!r}:")
            for line in "".join(traceback.format_exception(error)).splitlines()[:_TRACEBACK_LINES]:
                self._say(line[:_LINE_LENGTH])
        log = "" if self.service.interim else str(self.key.folder / LOG)
        return InternalError(error, self.key.version, log)

    async def _check_reachable(self, note: Note) -> None:
        """Stop when the root is gone or was replaced, or when clients can no longer find the socket."""
        was_missing = False
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            found = await asyncio.to_thread(read_note, self.key.folder)
            if found != note or (note.path and not await asyncio.to_thread(os.path.exists, note.path)):
                self.leave("the index folder or the socket of the host is gone")
            root = await asyncio.to_thread(_folder_id, self.key.root)
            if root not in (None, self._root):
                self.leave("the root was replaced")  # the watcher does not see the new folder
            if root is None and was_missing:  # checked twice, since a new root may be about to appear
                self.leave("the root is gone")
            was_missing = root is None

    async def _drain(self) -> None:
        self.notify("leaving", {"why": self.reason})
        running = [task for client in self.clients for task in client.running.values()]
        if running:
            await asyncio.wait(running, timeout=self.drain_seconds)
        for client in list(self.clients):
            await client.close()

    async def _serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = ClientConnection(self, reader, writer)
        self.clients.add(client)
        self._restart_idle_timer()
        try:
            with suppress(ConnectionError):  # the client disconnected
                if len(self.clients) > MAX_CLIENTS:
                    client.refuse(None, BUSY, f"{MAX_CLIENTS} clients are connected; try again later")
                elif is_own_user(writer.get_extra_info("socket")):
                    await client.serve()
        except (FrameError, TimeoutError) as error:
            client.refuse(None, REFUSED, str(error) or "no hello in time")
        finally:
            self.clients.discard(client)
            await client.close()
            self.buffers.forget(client)
            self._restart_idle_timer()

    def _restart_idle_timer(self) -> None:
        """Stop after `idle_seconds` if no client is connected."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        if not self.clients:
            reason = f"idle for {self.idle_seconds:g} s"
            self._idle_timer = asyncio.get_running_loop().call_later(self.idle_seconds, self.leave, reason)

    def status(self) -> Message:
        """The members of the answer to `status` that the server itself knows."""
        return {
            "pid": os.getpid(),
            "version": self.key.version,
            "protocol": PROTOCOL,
            "since": self.since,
            "clients": len(self.clients),
            "requests": self.requests,
            "idle_seconds": self.idle_seconds,
        }

    @property
    def requests(self) -> int:
        """The number of running and waiting requests of all clients."""
        return sum(len(client.running) for client in self.clients)

    @property
    def leaving(self) -> bool:
        return self._stopping.is_set()


class ClientConnection:
    """The connection of one client, with the client's running requests."""

    def __init__(
        self, server: HostServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.running: dict[Any, asyncio.Task[None]] = {}
        self._server, self._reader, self._writer = server, reader, writer
        self._events = False

    async def serve(self) -> None:
        """Read messages until the client closes the connection.

        Raises FrameError for invalid data, TimeoutError if no `hello` arrives in time, and ConnectionError.
        """
        frames = Reader(MAX_REQUEST)
        greeted = False
        while True:
            wait = None if greeted else HELLO_SECONDS
            data = await asyncio.wait_for(self._reader.read(CHUNK), wait)
            if not data:
                return
            for message in frames.feed(data):
                if greeted:
                    self._receive(message)
                else:
                    self._greet(message)
                    greeted = True
            await self._writer.drain()

    def send(self, message: Message) -> None:
        """Send a message, unless the connection is closing. Raises FrameError if the message is too large."""
        frame = pack(message)
        if not self._writer.is_closing():
            self._writer.write(frame)

    def refuse(self, number: Any, kind: str, reason: str) -> None:
        """Refuse a request. If `number` is None, refuse the connection."""
        self.send(messages.failure(number, RequestRefused(kind, reason)))

    def notify(self, name: str, params: Message) -> None:
        """Send an event if the client subscribed to events and has read most of the earlier messages."""
        if self._events and self._writer.transport.get_write_buffer_size() < MAX_UNREAD_BYTES:
            self.send({"event": name, "params": params})

    async def close(self) -> None:
        for task in list(self.running.values()):
            task.cancel()
        self._writer.close()
        with suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1.0)

    def _greet(self, message: Message) -> None:
        """Answer the first message. Raises FrameError if it is not a valid `hello` of our protocol."""
        params = message.get("params")
        if message.get("method") != "hello" or not isinstance(params, dict):
            raise FrameError("the first message is not a hello")
        if not hmac.compare_digest(str(params.get("token", "")).encode(), self._server.token.encode()):
            raise FrameError("the token is wrong")
        ours, theirs = self._server.key.version, str(params.get("version", ""))
        if messages.is_newer(theirs, ours):
            self.refuse(message.get("id"), OUTDATED, f"host {ours} is being replaced by version {theirs}")
            self._server.leave(f"replaced by version {theirs}")
            return
        if params.get("protocol") != PROTOCOL:
            raise FrameError(f"the host (cornea {ours}) speaks protocol {PROTOCOL}; update the client")
        self._events = params.get("events") is True
        with suppress(CorneaError):  # later requests report invalid settings
            self._server.service.reload_settings()
        answer = self._server.status() | {
            "root": str(self._server.key.root),
            "settings": self._server.service.fingerprint,
            "interim": self._server.service.interim,
        }
        self.send({"id": message.get("id"), "result": answer})

    def _receive(self, message: Message) -> None:
        """Start or cancel a request. Raises FrameError for any other message."""
        if "cancel" in message:
            if (running := self.running.get(_request_id(message["cancel"]))) is not None:
                running.cancel()
            return
        number = _request_id(message.get("id"))
        method, params = message.get("method"), message.get("params", {})
        if not isinstance(method, str) or not isinstance(params, dict) or number in self.running:
            raise FrameError("neither a request nor a cancellation")
        pending = self._server.requests
        if self._server.leaving:
            self.refuse(number, LEAVING, STOPPING)
        elif len(self.running) >= REQUESTS_PER_CLIENT or pending >= REQUESTS_IN_ALL:
            self.refuse(number, BUSY, f"{pending} requests are pending; try again later")
        else:
            task = asyncio.get_running_loop().create_task(self._answer(number, method, params))
            self.running[number] = task
            task.add_done_callback(lambda task: self._done(number, task))

    def _done(self, number: Any, task: asyncio.Task[None]) -> None:
        del self.running[number]
        if task.cancelled():
            self.refuse(number, messages.CANCELLED, "cancelled")

    async def _answer(self, number: Any, method: str, params: Message) -> None:
        # The error itself is not kept: its traceback holds this frame, and with it all that the request read.
        try:
            answer: Message = {"id": number, "result": await self._result(method, params)}
            return self.send(answer)
        except CorneaError as error:
            answer = messages.failure(number, error)
        except FrameError as error:
            answer = messages.failure(number, UsageError(f"the answer is {error}; ask for less"))
        except MemoryError:
            answer = messages.failure(number, StoreError("not enough memory for this request"))
        except Exception as error:  # noqa: BLE001 - one request must not end the host
            answer = messages.failure(number, self._server.report_bug(method, error))
        return self.send(answer)

    async def _result(self, method: str, params: Message) -> Message:
        if method == "leave" and not self._server.service.interim:
            self._server.leave("stop requested")
            return {}
        if method == "buffers":  # without waiting, so that the client's next request sees them
            held = self._server.buffers.change(self, decode(BuffersParams, params).texts)
            return cast(Message, encode(held))
        answer = await self._server.service.answer(method, dict(params))
        return answer | self._server.status() if method == "status" else answer


def _folder_id(folder: Path) -> tuple[int, int] | None:
    """Returns a value that changes when the folder is replaced. Returns None if there is no such folder."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _request_id(value: Any) -> Any:
    """The id of a request. Raises FrameError if the id is neither a number nor a string."""
    if not isinstance(value, int | str) or isinstance(value, bool):
        raise FrameError("the id of a request must be a number or a string")
    return value
