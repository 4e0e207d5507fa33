"""The served folders. Each has a host, which is started when it is first needed.

The host is a separate process: a crash of native code, a full disk or a slow request never stops the language
server, and two editors on one folder share a host.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from indexer.errors import CorneaError, UsageError
from indexer.paths import path_below, real_path

from .documents import UNTITLED, untitled_uri
from .files import file_of

Message = dict[str, Any]
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
        """The answer. Raises CorneaError. Cancelling this call cancels the request."""

    async def close(self) -> None:
        """Disconnect."""


Connect = Callable[[Path, EventHandler], Awaitable[Host]]
"""Connects to the host of a folder, whose events go to the handler. Raises CorneaError."""


class Root:
    """One served folder. `folder` is its path from the client; `real`, without symlinks, identifies it.

    `names` are the URIs under which the client has it open; if there are none, it is the repository of an
    open file. `watched` says whether its host gets file events. `opened` returns the URI under which the
    client has a real path open, or None.
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
        """Whether its host is connected or starting. The first request starts it."""
        return self._task is not None

    @property
    def failed(self) -> bool:
        """Whether the last start of its host failed."""
        return self._task is not None and _has_failed(self._task)

    @property
    def connected(self) -> bool:
        """Whether its host is connected."""
        return self._task is not None and self._task.done() and not _has_failed(self._task)

    async def ask(self, method: str, params: Mapping[str, Any]) -> Message:
        """The host's answer. Raises CorneaError."""
        host = await self._host()
        return await host.request(method, dict(params))

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
            if task.cancelled():  # this request was not cancelled: the folder was closed
                raise Closed(self.folder) from None
            raise

    async def _connect_host(self) -> Host:
        try:
            return await self._connect(self.folder, lambda name, params: self._on_event(self, name, params))
        except BaseException:
            self._failed = time.monotonic()
            raise

    async def close(self) -> None:
        """Disconnect from the host, which other clients may still use."""
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
        """The URI of a file of this root: the one under which the client has it open, if any.

        For a path that stands for a document without a file, it is the URI of the document.
        """
        if path.startswith(UNTITLED):
            return untitled_uri(path)
        return self._opened(self.real / path) or f"{self.uri.rstrip('/')}/{quote(path)}"


class Roots:
    """All served folders, innermost first. Each is served once, even under several names."""

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
        """Serve a folder that the client has open under `uri`."""
        root = self.add(folder, uri)
        root.names.add(uri)
        return root

    def add(self, folder: Path, uri: str) -> Root:
        """Serve a folder, unless it is already served."""
        real = real_path(folder)
        if real not in self._roots:
            self._roots[real] = self._new(folder, uri)
        return self._roots[real]

    def remove(self, uri: str) -> Root | None:
        """Remove a folder that the client has closed, and return its root, which the caller must close.

        Returns None if it is not served, or is still open under another URI.
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
        """The innermost root that contains a file, and the file's path in it; None if no root does.

        A document without a file belongs to the first root, with the path "".
        """
        if file is None:
            return (self.first, "") if self.first else None
        real = real_path(file)
        return next(((root, path) for root in self if (path := path_below(root.real, real))), None)

    def reached(self, file: Path) -> Root | None:
        """The innermost root whose folder contains the path as spelled, even if a link leads elsewhere."""
        spelled = Path(os.path.normpath(file))
        return next((root for root in self if spelled.is_relative_to(root.folder)), None)

    @property
    def first(self) -> Root | None:
        """The root that was opened first, preferring those whose host has not failed."""
        roots = list(self._roots.values())
        return next((root for root in roots if not root.failed), roots[0] if roots else None)


def _has_failed(task: asyncio.Task[Host]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
