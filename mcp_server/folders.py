"""The folders that an agent may ask about, and their hosts.

A served folder is a root, or a folder inside the root of an index. Agents see paths relative to the served
folder; if there are several, with the folder's name before it. No path leads out of a served folder.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from indexer.errors import CorneaError, UsageError
from indexer.paths import path_below, real_path

if TYPE_CHECKING:
    from retrieval.host.requests import A, RequestParams

EventHandler = Callable[[str, dict[str, Any]], None]

_MOST_REQUESTS = 16
"""Requests of this process that a host gets at once. A host refuses more than 32 of one client."""
_AGAIN_SECONDS = 0.5
"""Seconds until a host that is still updating its index is asked again whether it is done."""
_MANY_FILES = 300
"""More files than an update reads in a second."""
_SHOWN = 200
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d{1,9})(?:[-:]\d+)*")


class HostClient(Protocol):
    """A connection to the host of one root, such as `retrieval.host.client.AsyncClient`."""

    async def request(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer of the host. Raises CorneaError. Cancelling this call cancels the request."""

    async def close(self) -> None:
        """Disconnect from the host."""


class Hosts(Protocol):
    """Finds roots and their hosts."""

    def root_of(self, folder: Path) -> Path:
        """The real path of the root whose index covers a folder. Raises UsageError if there can be none."""

    def is_indexed(self, root: Path) -> bool:
        """Whether a root has an index, which may be incomplete."""

    async def connect(self, root: Path, on_event: EventHandler) -> HostClient:
        """Connect to the host of a root. If no host runs, start one. Raises CorneaError."""


class HostConnection:
    """The host of a root. It is started when it is first needed, and again if that failed."""

    def __init__(self, root: Path, hosts: Hosts) -> None:
        self.root = root
        self.progress: tuple[int, int] | None = None
        """How many of how many files the running update has done. None if no update is known to run."""
        self.is_new = not hosts.is_indexed(root)
        """Whether nothing was found in the index so far, and there was none when the folder was served."""
        self._hosts = hosts
        self._check: asyncio.Task[str] | None = None
        """The comparison of the index with the files, which returns why it failed, or ""."""
        self._task: asyncio.Task[HostClient] | None = None
        self._free = asyncio.Semaphore(_MOST_REQUESTS)

    async def ask(self, params: RequestParams[A]) -> A:
        """The host's answer. Raises CorneaError."""
        from retrieval.host.requests import answer_to, message_of

        async with self._free:
            host = await self.start()
            return answer_to(params, await host.request(*message_of(params)))

    async def start(self) -> HostClient:
        """Connect to the host, and start it if none runs. Raises CorneaError."""
        task = self._task
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.get_running_loop().create_task(self._hosts.connect(self.root, self._on_event))
            self._task = task
        return await asyncio.shield(task)  # a cancelled call must not keep the others from their host

    @property
    def is_far_behind(self) -> bool:
        """Whether an update runs that will not end within a second."""
        return self.progress is not None and self.progress[1] - self.progress[0] > _MANY_FILES

    async def checked_within(self, seconds: float) -> str | None:
        """Why the index could not be compared with the files since the connection was made, or "" if it was.

        Returns None if that is not known in time. A host that has just been started may not have begun yet.
        """
        check = self._check
        if check is None:
            check = self._check = asyncio.get_running_loop().create_task(self._compare())
        await asyncio.wait({check}, timeout=max(seconds, 0.0))
        return check.result() if check.done() and not check.cancelled() else None

    async def _compare(self) -> str:
        from retrieval.host.requests import SearchParams

        try:
            while (await self.ask(SearchParams(query="a", limit=1, refresh=True))).indexing is not None:
                await asyncio.sleep(_AGAIN_SECONDS)
        except CorneaError as error:
            return str(error)
        return ""

    async def close(self) -> None:
        """Disconnect from the host. Other clients may still use the host."""
        if self._check is not None:
            self._check.cancel()
        if self._task is None:
            return
        if not self._task.done():
            self._task.cancel()
        try:
            await (await self._task).close()
        except (CorneaError, asyncio.CancelledError):
            return

    def _on_event(self, name: str, params: dict[str, Any]) -> None:
        if name == "progress":
            self.progress = int(params["done"]), int(params["total"])
        elif name in ("updated", "trouble", "leaving", "gone"):
            self.progress = None
            self.is_new = self.is_new and name != "updated"
            check = self._check
            has_failed = check is not None and check.done() and not check.cancelled() and check.result() != ""
            if check is not None and (name in ("leaving", "gone") or (name == "updated" and has_failed)):
                check.cancel()
                self._check = None


@dataclass(frozen=True, slots=True)
class ServedFolder:
    """A folder by its real path, and the host whose index covers it.

    `scope` is the folder's path in the root, "" for the root itself. `prefix` stands before the paths that an
    agent sees; it is empty unless several folders are served.
    """

    folder: Path
    host: HostConnection
    scope: str
    prefix: str

    def shown(self, path: str) -> str:
        """A path of the index, as the agent sees it."""
        return self.prefix + (path.removeprefix(f"{self.scope}/") if self.scope else path)


class Place(NamedTuple):
    """A path in an index, of a file or a folder ("" for the root), and a line, 0 if none was named."""

    folder: ServedFolder
    path: str
    line: int


class ServedFolders:
    """All served folders."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._connections: dict[Path, HostConnection] = {}
        self._folders: list[ServedFolder] = []

    def __iter__(self) -> Iterator[ServedFolder]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)

    def serve(self, folders: Sequence[Path]) -> None:
        """Serve these folders and no others. Raises UsageError if one cannot be served, and changes nothing.

        A folder inside another one is covered by that one, unless it has an index of its own.
        """
        found: dict[Path, Path] = {}
        for folder in folders:
            root = self._hosts.root_of(folder)
            found.setdefault(real_path(folder), root)
        kept = {
            folder: root
            for folder, root in found.items()
            if not any(folder != one and folder.is_relative_to(one) and root == found[one] for one in found)
        }
        names = _names(list(kept))
        for root in kept.values():
            self._connections.setdefault(root, HostConnection(root, self._hosts))
        self._folders = [
            ServedFolder(
                folder,
                self._connections[root],
                path_below(root, folder),
                f"{names[folder]}/" if len(kept) > 1 else "",
            )
            for folder, root in kept.items()
        ]

    def find(self, text: str) -> Place:
        """The place that PATH or PATH:LINE names. Raises UsageError if it is in no served folder.

        The path is relative to a served folder, or absolute. It need not exist.
        """
        shown = text[:_SHOWN]
        if not text.strip() or "\0" in text:
            raise UsageError(f"{shown!r} is not a path; write it relative to the served folder")
        try:
            found = self._find(text, 0)
            if (match := _PLACE.fullmatch(text)) and (found is None or not self._exists(found)):
                found = self._find(match["path"], int(match["line"])) or found
        except (ValueError, OSError) as error:
            raise UsageError(f"{shown!r} is not a path ({error})") from error
        if found is None:
            raise UsageError(f"{shown!r} is outside of the served folders ({self._spelled()})")
        return found

    def names_file(self, text: str) -> bool:
        """Whether a text is PATH or PATH:LINE of a file that exists in a served folder."""
        try:
            return self._exists(self.find(text))
        except UsageError:
            return False

    async def close(self) -> None:
        """Disconnect from all hosts."""
        for connection in self._connections.values():
            await connection.close()

    def _find(self, text: str, line: int) -> Place | None:
        """The place of a path, preferably of one that exists, or else that begins with a folder's name."""
        found: list[Place] = []
        for folder in sorted(self._folders, key=lambda one: not _is_named(one, text)):
            rest = text.removeprefix("./")[len(folder.prefix) :] if _is_named(folder, text) else text
            real = real_path(folder.folder / rest)
            if real == folder.folder:
                found.append(Place(folder, folder.scope, line))
            elif real.is_relative_to(folder.folder):
                found.append(Place(folder, path_below(folder.host.root, real), line))
        return next(filter(self._exists, found), found[0] if found else None)

    def _exists(self, place: Place) -> bool:
        return os.path.lexists(place.folder.host.root / place.path)

    def _spelled(self) -> str:
        return ", ".join(one.prefix or str(one.folder) for one in self._folders)


def _is_named(folder: ServedFolder, text: str) -> bool:
    """Whether a path begins with the name of a folder, which only one of several folders has."""
    return bool(folder.prefix) and f"{text.removeprefix('./')}/".startswith(folder.prefix)


def _names(folders: Sequence[Path]) -> dict[Path, str]:
    """A name for each folder: the shortest end of its path that no other folder has."""
    names: dict[Path, str] = {}
    for folder in folders:
        for count in range(1, len(folder.parts) + 1):
            name = "/".join(folder.parts[-count:]).strip("/")
            if sum(one.parts[-count:] == folder.parts[-count:] for one in folders) == 1:
                break
        names[folder] = name or "root"
    return names
