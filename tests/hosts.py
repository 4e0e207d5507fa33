"""Hosts of small repositories, for tests: started, asked, spoken to byte by byte, and gone at the end."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from cornea.context import load
from cornea.hosting import place_of
from indexer.store.lock import IndexLock
from retrieval.host.address import Note, connect, read_note
from retrieval.host.client import Client, stop
from retrieval.host.connection import EventHandler
from retrieval.host.frames import Message
from retrieval.host.messages import PROTOCOL
from retrieval.host.settings import HostKey
from tests.e2e.cli import Cli
from tests.support.schemas import validate
from tests.support.waiting import LIMIT, until


class CheckedClient(Client):
    """A client that validates what it sends and receives."""

    def request(self, method: str, params: Message | None = None) -> Message:
        answer = super().request(method, params)
        validate(f"host/{method}-params", params or {})
        validate(f"host/{method}-answer", answer)
        return answer


def checked(on_event: EventHandler | None) -> EventHandler:
    """Validates each event. A failure ends the thread that reads, and so fails the test."""

    def heard(name: str, params: Message) -> None:
        if name != "gone":
            validate(f"host/{name}-event", params)
        if on_event is not None:
            on_event(name, params)

    return heard


class Site:
    """A root with its home; `cli` runs commands there."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli

    @property
    def key(self) -> HostKey:
        return place_of(load(self.cli.folder))

    @property
    def note(self) -> Note:
        note = read_note(self.key.folder)
        assert note is not None, "there is no host"
        return note

    def client(self, on_event: EventHandler | None = None) -> Client:
        """A long-lived client, as editors are."""
        client = CheckedClient.connect(self.key, start=True, on_event=checked(on_event))
        assert client is not None
        return client

    def process(self) -> psutil.Process:
        return psutil.Process(self.note.pid)

    def finds(self, client: Client, query: str) -> list[str]:
        """The paths that answer, of the index as it is."""
        return [hit["path"] for hit in client.request("search", {"query": f'"{query}"'})["hits"]]

    def is_free(self) -> bool:
        """Whether nobody holds the index."""
        lock = IndexLock(self.key.folder)
        lock.acquire(0.0)
        lock.release()
        return True


@contextmanager
def site(
    folder: Path, files: dict[str, Any], monkeypatch: pytest.MonkeyPatch, **settings: str
) -> Iterator[Site]:
    """A root with `files` and whatever hosts come; none is left. `settings` are environment variables."""
    from tests.repositories import write

    others = set(psutil.Process().children())
    home = folder / "home"
    monkeypatch.setenv("CORNEA_HOME", str(home))
    monkeypatch.setenv("CORNEA_STORE_RESERVE_MB", "1")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    env = {name: value for name, value in os.environ.items() if name.startswith("CORNEA_")}
    made = Site(Cli(home, write(folder / "root", files), env))
    try:
        yield made
    finally:
        stop(made.key)
        until(lambda: set(psutil.Process().children()) <= others)  # else the next test would meet it


class Raw:
    """A connection without a client's manners."""

    def __init__(self, note: Note) -> None:
        self.socket = connect(note, LIMIT)
        self._token = note.token

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def hello(self, **changes: Any) -> Any:
        params = {"protocol": PROTOCOL, "version": "0", "token": self._token, **changes}
        self.send({"id": 0, "method": "hello", "params": params})
        return self.receive()

    def receive(self) -> Any:
        """The next message, None at the end."""
        head = self._exactly(4)
        if not head:
            return None
        return json.loads(self._exactly(struct.unpack(">I", head)[0]))

    def _exactly(self, count: int) -> bytes:
        data = b""
        try:
            while len(data) < count and (part := self.socket.recv(count - len(data))):
                data += part
        except ConnectionResetError:
            return b""
        return data

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def closed(raw: socket.socket) -> bool:
    """Whether the other end hung up."""
    try:
        return raw.recv(1) == b""
    except ConnectionResetError:
        return True
