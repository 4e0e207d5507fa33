"""The host's socket: connections, requests in flight, and when it is time to leave."""

from __future__ import annotations

import asyncio
import hmac
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from indexer.errors import CorneaError, StoreError, UsageError

from . import messages
from .address import Note, erase_note, is_ours, listening, new_token, read_note, write_note
from .frames import MAX_REQUEST, FrameError, Message, Reader, pack
from .messages import BUSY, LEAVING, OUTDATED, PROTOCOL, REFUSED, Refused
from .place import Place

HELLO_SECONDS = 60.0
"""A connection that has not said who it is by then is closed. A busy machine is no reason for it."""
EACH, ALL = 32, 256
"""Requests that may wait, of one client and in all; more are refused at once."""
CLIENTS = 128
"""Connections at a time."""
LOOK_SECONDS = 2.0
"""Between two looks whether the root, the index folder and the socket are there."""
UNREAD = 1_000_000
"""Bytes that a client has not taken yet: it gets no more events then."""
LAST_SECONDS = 30.0
"""What is running when the host leaves gets so long."""
_CHUNK = 262_144


class Answers(Protocol):
    """What a server serves: an index, kept fresh (`Service`) or being updated by a command (`Interim`)."""

    interim: bool
    """Whether it ends by itself when an update is done, and cannot be told to leave."""

    def start(self) -> None:
        """Begin; called once the server can be reached."""

    def reconsider(self) -> None:
        """Read the settings again. Raises CorneaError."""

    @property
    def fingerprint(self) -> str:
        """Of the settings in force."""

    async def answer(self, method: str, params: Message) -> Message:
        """The answer to a request. Raises CorneaError."""

    async def close(self) -> None:
        """End what runs."""


class Server:
    """Serves one index until it is idle, told to leave, or replaced."""

    def __init__(self, place: Place, idle_seconds: float, last_seconds: float = LAST_SECONDS) -> None:
        self.place, self.idle_seconds = place, idle_seconds
        self.last_seconds = last_seconds
        self.unreachable = asyncio.Event()
        """Set when the note is gone: nobody new comes here from then on."""
        self.since = time.time()
        self.token = new_token()
        self.requests = 0
        self.clients: set[Client] = set()
        self.service: Answers
        self.why = ""
        self._root = _identity(place.root)
        self._gone = asyncio.Event()
        self._idle: asyncio.TimerHandle | None = None

    def tell(self, name: str, params: Message) -> None:
        """Pass an event on to those who want to hear of it."""
        for client in list(self.clients):
            client.tell(name, params)

    def leave(self, why: str) -> None:
        """Take no more requests, finish what is running, end."""
        if not self._gone.is_set():
            self.why = why
            self._gone.set()

    async def serve(self, service: Answers, say: Any) -> None:
        """Listen until it is time to leave. The index's lock must be held; it is let go of at the end."""
        self.service = service
        folder = self.place.folder
        sock = listening(folder, self.token)
        note = self._note(sock)
        server = await asyncio.start_server(self._connected, sock=sock)
        loop = asyncio.get_running_loop()
        if not service.interim:  # else they are for the update, and this is not the main thread
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.leave, f"told by signal {int(number)}")
        looks: asyncio.Task[None] | None = None
        try:
            write_note(folder, note)
            service.start()
            self._rest()
            looks = loop.create_task(self._look(note))
            say(f"serving {self.place.root}")
            await self._gone.wait()
        finally:
            say(f"leaving: {self.why}")
            if looks is not None:
                looks.cancel()
            erase_note(folder, note)
            self.unreachable.set()
            server.close()
            await self._farewell()
            await service.close()

    def _note(self, sock: socket.socket) -> Note:
        name = sock.getsockname()
        unix = name if isinstance(name, str) else ""
        port = 0 if unix else int(name[1])
        return Note(os.getpid(), self.place.version, self.token, unix, port, self.service.interim)

    async def _look(self, note: Note) -> None:
        """Leave when there is nothing left to serve, or nobody can find the way here any more."""
        was_missing = False
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            found = await asyncio.to_thread(read_note, self.place.folder)
            if found != note or (note.path and not await asyncio.to_thread(os.path.exists, note.path)):
                self.leave("its index folder, or its socket, is gone")
            if await asyncio.to_thread(_identity, self.place.root) not in (None, self._root):
                self.leave("its root was replaced")  # by another folder, whose events nobody hears
            is_missing = not await asyncio.to_thread(os.path.isdir, self.place.root)
            if is_missing and was_missing:  # twice: somebody may put another one in its place
                self.leave("its root is gone")
            was_missing = is_missing

    async def _farewell(self) -> None:
        self.tell("leaving", {"why": self.why})
        running = [task for client in self.clients for task in client.running.values()]
        if running:
            await asyncio.wait(running, timeout=self.last_seconds)
        for client in list(self.clients):
            await client.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self, reader, writer)
        self.clients.add(client)
        self._rest()
        try:
            with suppress(ConnectionError):  # it went away; so be it
                if len(self.clients) > CLIENTS:
                    client.send(
                        messages.failure(None, Refused(BUSY, f"{CLIENTS} clients are connected; try later"))
                    )
                elif is_ours(writer.get_extra_info("socket")):
                    await client.serve()
        except (FrameError, TimeoutError) as error:
            client.send(messages.failure(None, Refused(REFUSED, str(error) or "no hello in time")))
        finally:
            self.clients.discard(client)
            await client.close()
            self._rest()

    def _rest(self) -> None:
        """Leave after a while if nobody is there."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if not self.clients:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self.idle_seconds, self.leave, f"idle for {self.idle_seconds:g} s")

    def status(self) -> Message:
        """What the server knows of itself."""
        return {
            "pid": os.getpid(),
            "version": self.place.version,
            "protocol": PROTOCOL,
            "since": self.since,
            "clients": len(self.clients),
            "requests": self.requests,
            "idle_seconds": self.idle_seconds,
        }

    @property
    def leaving(self) -> bool:
        return self._gone.is_set()


class Client:
    """One connection: who it is, and what it waits for."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.running: dict[Any, asyncio.Task[None]] = {}
        self._server, self._reader, self._writer = server, reader, writer
        self._events = False

    async def serve(self) -> None:
        """Read until the other end closes. Raises FrameError, TimeoutError or ConnectionError."""
        frames = Reader(MAX_REQUEST)
        greeted = False
        while True:
            wait = None if greeted else HELLO_SECONDS
            data = await asyncio.wait_for(self._reader.read(_CHUNK), wait)
            if not data:
                return
            for message in frames.feed(data):
                if greeted:
                    self._take(message)
                else:
                    self._greet(message)
                    greeted = True
            await self._writer.drain()

    def send(self, message: Message) -> None:
        if not self._writer.is_closing():
            self._writer.write(pack(message))

    def tell(self, name: str, params: Message) -> None:
        """Send an event, if it is wanted and the last ones were read."""
        if self._events and self._writer.transport.get_write_buffer_size() < UNREAD:
            self.send(messages.event(name, params))

    async def close(self) -> None:
        for task in list(self.running.values()):
            task.cancel()
        self._writer.close()
        with suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1.0)

    def _greet(self, message: Message) -> None:
        """The first message. Raises FrameError for one that is no hello, or of another protocol."""
        params = message.get("params")
        if message.get("method") != "hello" or not isinstance(params, dict):
            raise FrameError("the first message is no hello")
        if not hmac.compare_digest(str(params.get("token", "")).encode(), self._server.token.encode()):
            raise FrameError("the token is wrong")
        ours, theirs = self._server.place.version, str(params.get("version", ""))
        if messages.is_newer(theirs, ours):
            self.send(
                messages.failure(message.get("id"), Refused(OUTDATED, f"{ours} makes room for {theirs}"))
            )
            self._server.leave(f"replaced by version {theirs}")
            return
        if params.get("protocol") != PROTOCOL:
            raise FrameError(f"protocol {PROTOCOL} is spoken here, by cornea {ours}; update the other one")
        self._events = params.get("events") is True
        with suppress(CorneaError):  # wrong settings are told to whoever asks for something
            self._server.service.reconsider()
        answer = self._server.status() | {
            "root": str(self._server.place.root),
            "settings": self._server.service.fingerprint,
            "interim": self._server.service.interim,
        }
        self.send(messages.result(message.get("id"), answer))

    def _take(self, message: Message) -> None:
        """A request or a cancellation. Raises FrameError for anything else."""
        if "cancel" in message:
            task = self.running.get(_key(message["cancel"]))
            if task is not None:
                task.cancel()
            return None
        number, method, params = _key(message.get("id")), message.get("method"), message.get("params", {})
        if not isinstance(method, str) or not isinstance(params, dict) or number in self.running:
            raise FrameError("neither a request nor a cancellation")
        if self._server.leaving:
            return self.send(messages.failure(number, Refused(LEAVING, "the host is leaving; ask again")))
        if len(self.running) >= EACH or self._server.requests >= ALL:
            waiting = max(len(self.running), self._server.requests)
            return self.send(
                messages.failure(number, Refused(BUSY, f"{waiting} requests wait; ask again later"))
            )
        self._server.requests += 1
        task = asyncio.get_running_loop().create_task(self._answer(number, method, params))
        self.running[number] = task
        task.add_done_callback(lambda task: self._done(number, task))
        return None

    def _done(self, number: Any, task: asyncio.Task[None]) -> None:
        del self.running[number]
        self._server.requests -= 1
        if task.cancelled():
            self.send(messages.failure(number, Refused(messages.CANCELLED, "cancelled")))

    async def _answer(self, number: Any, method: str, params: Message) -> None:
        try:
            answer = messages.result(number, await self._asked(method, params))
        except CorneaError as error:
            answer = messages.failure(number, error)
        except MemoryError:
            answer = messages.failure(number, StoreError("there is not enough memory for this question"))
        except Exception as error:  # noqa: BLE001 - one request must not end the host
            answer = messages.failure(
                number, UsageError(f"this is a bug in cornea ({type(error).__name__}: {error})")
            )
        try:
            self.send(answer)
        except FrameError as error:
            self.send(messages.failure(number, UsageError(f"the answer is {error}; ask for less")))

    async def _asked(self, method: str, params: Mapping[str, Any]) -> Message:
        if method == "leave" and not self._server.service.interim:
            self._server.leave("told to")
            return {}
        answer = await self._server.service.answer(method, dict(params))
        return answer | self._server.status() if method == "status" else answer


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of the same name; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _key(value: Any) -> Any:
    """The id of a request. Raises FrameError for what is neither a number nor a text."""
    if not isinstance(value, int | str) or isinstance(value, bool):
        raise FrameError("the id of a request is a number or a text")
    return value
