"""The folders that are served: each with a helper that answers, started when it is first needed.

The helper is the index's host, another process: a crash of native code, a full disk or a slow question never
stops the editor's server, and two editors on one folder share one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from indexer.errors import CorneaError, UsageError

from .documents import UNTITLED, inside

Message = dict[str, Any]
Heard = Callable[[str, Message], None]

AGAIN_SECONDS = 5.0
"""A helper that could not be started is not tried again before that."""


class Backend(Protocol):
    """Who answers about one root; `retrieval.host.client.AsyncClient` is one."""

    async def request(self, method: str, params: Message | None = None) -> Message:
        """The answer. Raises CorneaError; cancelling it gives the question up."""

    async def close(self) -> None:
        """Let go of it."""


Connect = Callable[[Path, Heard], Awaitable[Backend]]
"""The helper of a root, which tells of its events. Raises CorneaError."""


class Root:
    """One folder. `folder` is as the client names it, `real` without symlinks: paths in answers are below it.

    `watched` says whether its helper hears of changes at once.
    """

    def __init__(self, folder: Path, uri: str, connect: Connect, heard: Callable[[Root, str, Message], None]):
        self.folder, self.uri = folder, uri
        self.real = folder.resolve()
        self.watched = False
        self._connect, self._heard = connect, heard
        self._task: asyncio.Task[Backend] | None = None
        self._failed = -AGAIN_SECONDS
        self._closed = False

    @property
    def name(self) -> str:
        return self.folder.name or str(self.folder)

    @property
    def begun(self) -> bool:
        """Whether its helper is there or on its way; asking starts it."""
        return self._task is not None

    async def ask(self, method: str, params: Mapping[str, Any]) -> Message:
        """The helper's answer. Raises CorneaError."""
        backend = await self._backend()
        return await backend.request(method, dict(params))

    async def _backend(self) -> Backend:
        task = self._task
        stale = task is not None and _has_failed(task) and time.monotonic() > self._failed + AGAIN_SECONDS
        if task is None or stale:
            if self._closed:
                raise UsageError(f"{self.folder} is not a folder of this workspace any more")
            task = asyncio.get_running_loop().create_task(self._connected())
            self._task = task
        return await asyncio.shield(task)

    async def _connected(self) -> Backend:
        try:
            return await self._connect(self.folder, lambda name, params: self._heard(self, name, params))
        except BaseException:
            self._failed = time.monotonic()
            raise

    async def close(self) -> None:
        """Let go of the helper; others may use it still."""
        self._closed = True
        if self._task is None:
            return
        if not self._task.done():
            self._task.cancel()
        try:
            backend = await self._task
        except (CorneaError, asyncio.CancelledError):
            return
        await backend.close()

    def uri_of(self, path: str) -> str:
        """The URI of a file of this root; of a document that was never saved, its own."""
        if path.startswith(UNTITLED):
            return path
        return f"{self.uri.rstrip('/')}/{quote(path)}"

    def path_of(self, file: Path | None) -> str:
        """A file's path in the root; "" for one that is not below it."""
        return inside(self.folder, file) or inside(self.real, file)


class Roots:
    """All folders of the workspace, those of longer paths first: a file is of the innermost one."""

    def __init__(self, connect: Connect, heard: Callable[[Root, str, Message], None]) -> None:
        self._connect, self._heard = connect, heard
        self._roots: dict[str, Root] = {}

    def __iter__(self) -> Iterator[Root]:
        return iter(sorted(self._roots.values(), key=lambda root: -len(root.folder.parts)))

    def __len__(self) -> int:
        return len(self._roots)

    def add(self, folder: Path, uri: str) -> Root:
        """Serve a folder, too."""
        if uri not in self._roots:
            self._roots[uri] = Root(folder, uri, self._connect, self._heard)
        return self._roots[uri]

    async def remove(self, uri: str) -> Root | None:
        """Serve a folder no longer."""
        root = self._roots.pop(uri, None)
        if root is not None:
            await root.close()
        return root

    async def close(self) -> None:
        """Let go of all of them."""
        roots, self._roots = list(self._roots.values()), {}
        for root in roots:
            await root.close()

    def of(self, file: Path | None) -> tuple[Root, str] | None:
        """The root of a file, and its path there; the first root and "" for other files; None without any."""
        for root in self:
            if path := root.path_of(file):
                return root, path
        return (self.first, "") if self.first else None

    @property
    def first(self) -> Root | None:
        """The one that was opened first."""
        return next(iter(self._roots.values()), None)


def _has_failed(task: asyncio.Task[Backend]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
