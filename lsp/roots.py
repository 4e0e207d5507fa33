"""The folders that are served: each with a host that answers, started when it is first needed.

The host is the index's host, another process: a crash of native code, a full disk or a slow question never
stops the editor's server, and two editors on one folder share one.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
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
"""A host that could not be started is not tried again before that."""


class Closed(UsageError):
    """The folder was closed while something was asked of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is not a folder of this workspace any more")


class Host(Protocol):
    """Who answers about one root; `retrieval.host.client.AsyncClient` is one."""

    async def request(self, method: str, params: Message | None = None) -> Message:
        """The answer. Raises CorneaError; cancelling it gives the question up."""

    async def close(self) -> None:
        """Let go of it."""


Connect = Callable[[Path, EventHandler], Awaitable[Host]]
"""The host of a root, which tells of its events. Raises CorneaError."""


class Root:
    """One folder. `folder` is as the client names it, `real` without symlinks, which is what identifies it.

    `names` are the URIs under which the client has it open; without any it is the repository of a file that
    is open. `watched` says whether its host hears of changes at once. `opened` gives the URI under which
    the client has a real path open, if it has.
    """

    def __init__(
        self,
        folder: Path,
        uri: str,
        connect: Connect,
        heard: Callable[[Root, str, Message], None],
        opened: Callable[[Path], str | None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self.real = real_path(folder)
        plain = ".." not in folder.parts and not set(uri) & set("?#")
        self.uri = uri if plain else self.real.as_uri()
        self.names: set[str] = set()
        self.watched = False
        self._connect, self._heard, self._opened = connect, heard, opened
        self._task: asyncio.Task[Host] | None = None
        self._failed = -AGAIN_SECONDS
        self._closed = False

    @property
    def name(self) -> str:
        return self.folder.name or str(self.folder)

    @property
    def begun(self) -> bool:
        """Whether its host is there or on its way; asking starts it."""
        return self._task is not None

    @property
    def failed(self) -> bool:
        """Whether its host could not be started the last time."""
        return self._task is not None and _has_failed(self._task)

    @property
    def connected(self) -> bool:
        """Whether its host is there."""
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
            task = asyncio.get_running_loop().create_task(self._connected())
            self._task = task
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():  # not who asks is cancelled: the folder was closed meanwhile
                raise Closed(self.folder) from None
            raise

    async def _connected(self) -> Host:
        try:
            return await self._connect(self.folder, lambda name, params: self._heard(self, name, params))
        except BaseException:
            self._failed = time.monotonic()
            raise

    async def close(self) -> None:
        """Let go of the host; others may use it still."""
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
        """The URI of a file of this root, as the client has it open if it has.

        Of a path that stands for a document without a file it is the document's.
        """
        if path.startswith(UNTITLED):
            return untitled_uri(path)
        return self._opened(self.real / path) or f"{self.uri.rstrip('/')}/{quote(path)}"


class Roots:
    """All folders that are served, each once, whatever it is called. Innermost first."""

    def __init__(
        self,
        connect: Connect,
        heard: Callable[[Root, str, Message], None],
        opened: Callable[[Path], str | None] = lambda _: None,
    ) -> None:
        self._new: Callable[[Path, str], Root] = lambda folder, uri: Root(folder, uri, connect, heard, opened)
        self._roots: dict[Path, Root] = {}

    def __iter__(self) -> Iterator[Root]:
        return iter(sorted(self._roots.values(), key=lambda root: -len(root.real.parts)))

    def __len__(self) -> int:
        return len(self._roots)

    def open(self, folder: Path, uri: str) -> Root:
        """Serve a folder that the client has open under a URI."""
        root = self.add(folder, uri)
        root.names.add(uri)
        return root

    def add(self, folder: Path, uri: str) -> Root:
        """Serve a folder, too; one that is served already stays what it is."""
        real = real_path(folder)
        if real not in self._roots:
            self._roots[real] = self._new(folder, uri)
        return self._roots[real]

    def remove(self, uri: str) -> Root | None:
        """The root of a folder that the client has closed, for the caller to close.

        None if it is not served, or still open under another URI.
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
        """Let go of all of them."""
        roots, self._roots = list(self._roots.values()), {}
        for root in roots:
            await root.close()

    def of(self, file: Path | None) -> tuple[Root, str] | None:
        """The innermost root that a file is in, and its path there; None for a file of no root.
        What has no file is of the first root, with the path "".
        """
        if file is None:
            return (self.first, "") if self.first else None
        real = real_path(file)
        return next(((root, path) for root in self if (path := path_below(root.real, real))), None)

    def reached(self, file: Path) -> Root | None:
        """The innermost root through which a file is reached, which may really be elsewhere, by a link."""
        spelled = Path(os.path.normpath(file))
        return next((root for root in self if spelled.is_relative_to(root.folder)), None)

    @property
    def first(self) -> Root | None:
        """The one that was opened first, of those that can be served."""
        roots = list(self._roots.values())
        return next((root for root in roots if not root.failed), roots[0] if roots else None)


def _has_failed(task: asyncio.Task[Host]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
