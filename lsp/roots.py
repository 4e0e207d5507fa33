"""The served folders. Each folder has a host, which is started when it is first needed.

A host is a separate process. A crash of native code, a full disk or a slow request therefore never stops the
language server, and two editors with the same folder share a host.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from indexer.errors import CorneaError, UsageError
from indexer.paths import path_below, real_path
from retrieval.host.frames import Message
from retrieval.host.requests import A, RequestParams, answer_to, message_of

from .documents import UNTITLED, untitled_uri
from .files import file_of

EventHandler = Callable[[str, Message], None]

AGAIN_SECONDS = 5.0
"""Seconds before a failed start of a host is retried."""


class Closed(UsageError):
    """The folder was closed during a request."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is no longer a folder of this workspace")


class Host(Protocol):
    """A connection to the host of one root, such as `retrieval.host.client.AsyncClient`."""

    async def request(self, method: str, params: Message | None = None) -> Message:
        """The answer of the host. Raises CorneaError. Cancelling this call cancels the request."""

    async def close(self) -> None:
        """Disconnect from the host."""


Connect = Callable[[Path, EventHandler], Awaitable[Host]]
"""Connects to the host of a folder. The handler gets the events of the host. Raises CorneaError."""


class Root:
    """One served folder.

    `folder` is the path of the folder as the client spells it. `real` is this path without symlinks, and
    identifies the root. `names` are the URIs under which the client has the folder open. If there are no
    `names`, the folder is the repository of an open file. `watched` says whether the host gets file events.
    `opened` returns the URI under which the client has the file at a real path open. `opened` returns None if
    the file is not open.
    """

    def __init__(
        self,
        folder: Path,
        uri: str,
        connect: Connect,
        on_event: Callable[[Root, str, Message], None],
        opened: Callable[[Path], str | None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self.real = real_path(folder)
        plain = ".." not in folder.parts and not set(uri) & set("?#")
        self.uri = uri if plain else self.real.as_uri()
        self.names: set[str] = set()
        self.watched = False
        self._connect, self._on_event, self._opened = connect, on_event, opened
        self._task: asyncio.Task[Host] | None = None
        self._failed = -AGAIN_SECONDS
        self._closed = False

    @property
    def name(self) -> str:
        return self.folder.name or str(self.folder)

    @property
    def started(self) -> bool:
        """Whether a request has started the host, even if the start has failed."""
        return self._task is not None

    @property
    def failed(self) -> bool:
        """Whether the last start of the host failed."""
        return self._task is not None and _has_failed(self._task)

    @property
    def connected(self) -> bool:
        """Whether the host is connected."""
        return self._task is not None and self._task.done() and not _has_failed(self._task)

    async def ask(self, params: RequestParams[A]) -> A:
        """The host's answer. Raises CorneaError."""
        host = await self._host()
        return answer_to(params, await host.request(*message_of(params)))

    async def _host(self) -> Host:
        task = self._task
        stale = task is not None and _has_failed(task) and time.monotonic() > self._failed + AGAIN_SECONDS
        if task is None or stale:
            if self._closed:
                raise Closed(self.folder)
            task = asyncio.get_running_loop().create_task(self._connect_host())
            self._task = task
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():  # The start of the host was cancelled, because the folder was closed.
                raise Closed(self.folder) from None
            raise

    async def _connect_host(self) -> Host:
        try:
            return await self._connect(self.folder, lambda name, params: self._on_event(self, name, params))
        except BaseException:
            self._failed = time.monotonic()
            raise

    async def close(self) -> None:
        """Disconnect from the host. Other clients may still use the host."""
        self._closed = True
        if self._task is None:
            return
        if not self._task.done():
            self._task.cancel()
        try:
            host = await self._task
        except (CorneaError, asyncio.CancelledError):
            return
        await host.close()

    def uri_of(self, path: str) -> str:
        """The URI of a file of this root.

        Returns the client's own URI of the file if the client has the file open. If `path` stands for a
        document without a file, returns the URI of the document.
        """
        if path.startswith(UNTITLED):
            return untitled_uri(path)
        return self._opened(self.real / path) or f"{self.uri.rstrip('/')}/{quote(path)}"


class Roots:
    """All served folders, innermost first. A folder is served once, even if it is open under several URIs."""

    def __init__(
        self,
        connect: Connect,
        on_event: Callable[[Root, str, Message], None],
        opened: Callable[[Path], str | None] = lambda _: None,
    ) -> None:
        self._new = partial(Root, connect=connect, on_event=on_event, opened=opened)
        self._roots: dict[Path, Root] = {}

    def __iter__(self) -> Iterator[Root]:
        return iter(sorted(self._roots.values(), key=lambda root: -len(root.real.parts)))

    def __len__(self) -> int:
        return len(self._roots)

    def open(self, folder: Path, uri: str) -> Root:
        """Serve a folder that the client has open under `uri`. Returns the root of the folder."""
        root = self.add(folder, uri)
        root.names.add(uri)
        return root

    def add(self, folder: Path, uri: str) -> Root:
        """Serve a folder, unless it is already served. Returns the root of the folder."""
        real = real_path(folder)
        if real not in self._roots:
            self._roots[real] = self._new(folder, uri)
        return self._roots[real]

    def remove(self, uri: str) -> Root | None:
        """Remove a folder that the client has closed. Returns the root, which the caller must close.

        Returns None if the folder is not served, or is still open under another URI.
        """
        root = next((root for root in self if uri in root.names), None)
        if root is None:
            path = file_of(uri)
            root = self._roots.get(real_path(path)) if path else None
        if root is None:
            return None
        root.names -= {uri} if uri in root.names else root.names
        return None if root.names else self._roots.pop(root.real)

    async def close(self) -> None:
        """Disconnect from all hosts."""
        roots, self._roots = list(self._roots.values()), {}
        for root in roots:
            await root.close()

    def of(self, file: Path | None) -> tuple[Root, str] | None:
        """The innermost root that contains a file, and the path of the file in the root.

        Returns None if no root contains the file. A document without a file (`file` is None) belongs to the
        first root and has the path "".
        """
        if file is None:
            return (self.first, "") if self.first else None
        real = real_path(file)
        return next(((root, path) for root in self if (path := path_below(root.real, real))), None)

    def reached(self, file: Path) -> Root | None:
        """The innermost root whose folder contains the path `file` before symlinks are resolved."""
        spelled = Path(os.path.normpath(file))
        return next((root for root in self if spelled.is_relative_to(root.folder)), None)

    @property
    def first(self) -> Root | None:
        """The first of the opened roots whose host has not failed. If all have failed, the first root."""
        roots = list(self._roots.values())
        return next((root for root in roots if not root.failed), roots[0] if roots else None)


def _has_failed(task: asyncio.Task[Host]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
