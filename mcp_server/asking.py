"""A call of a tool: what it may ask, of whom, and how it reports progress."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from msgspec import structs

from indexer.errors import CorneaError, UsageError
from retrieval.host.answers import QueryAnswer, RunningUpdate
from retrieval.host.requests import (
    REQUESTS,
    CallsParams,
    SearchParams,
    SimilarParams,
    StatusParams,
    message_of,
)

from .folders import ServedFolder, ServedFolders

if TYPE_CHECKING:
    from retrieval.host.requests import UpdateParams

log = logging.getLogger(__name__)
Q = TypeVar("Q", bound=QueryAnswer)

PATIENCE_SECONDS = 1.0
"""How long a call waits for a first result while the first index is built."""
LONGEST_SECONDS = 45.0
"""How long a call may take, because many clients give up after a minute. What takes so long is done only
once: the first reading of a large repository's calls, or of its history."""
_AGAIN_SECONDS = 0.1
_PROGRESS_SECONDS = 1.0

_BEGUN = RunningUpdate(0, 0, first=True)
_UNCHECKED = "indexing: files that changed since the last update may be missing"
_PREPARING = "the host still reads what it needs for a first answer of this kind; call again in a minute"
_ROWS = ("hits", "functions", "files", "definitions")
"""The fields of answers that have what was found, of which an answer has one at least."""

_left_running: set[asyncio.Task[Any]] = set()
"""Requests whose calls are answered already."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool that began at a time of the event loop.

    `report` sends the client `done`, `total` and a message, if it wants progress.
    """

    began: float
    folders: ServedFolders
    report: Callable[[float, float | None, str], Awaitable[None]]

    async def ask(self, folder: ServedFolder, params: UpdateParams[Q]) -> tuple[Q, list[str]]:
        """The answer of a folder's host, and notes about what it does not cover. Raises CorneaError.

        While the first index is built, an empty answer is asked for again, for PATIENCE_SECONDS. A search
        takes no longer, because agents give up a tool that is slow at first. A call that takes longer
        than LONGEST_SECONDS raises UsageError, and the host goes on.
        """
        reporting = asyncio.create_task(self._report(folder))
        asking = asyncio.create_task(self._ask(folder, params))
        try:
            left = max(0.0, self.began + LONGEST_SECONDS - asyncio.get_running_loop().time())
            if (await asyncio.wait({asking}, timeout=left))[0]:
                return asking.result()
        except asyncio.CancelledError:
            asking.cancel()
            raise
        finally:
            reporting.cancel()
        _left_running.add(asking)  # the host goes on, so that the next call finds what this one waited for
        asking.add_done_callback(_forget)
        raise UsageError(_PREPARING)

    async def ask_all(
        self, params: Callable[[ServedFolder], UpdateParams[Q]]
    ) -> tuple[list[tuple[ServedFolder, Q]], list[str]]:
        """The answers of all folders, and notes. A folder that fails is a note, unless all of them fail."""
        folders: Sequence[ServedFolder] = list(self.folders)
        found = await asyncio.gather(*(self.ask(one, params(one)) for one in folders), return_exceptions=True)
        answers: list[tuple[ServedFolder, Q]] = []
        notes: list[str] = []
        errors: list[CorneaError] = []
        for folder, one in zip(folders, found, strict=True):
            if isinstance(one, CorneaError):
                errors.append(one)
                notes.append(f"{folder.prefix or folder.folder}: {one}")
            elif isinstance(one, BaseException):
                raise one
            else:
                answers.append((folder, one[0]))
                notes += [f"{folder.prefix} {note}".lstrip() for note in one[1]]
        if not answers:
            raise errors[0] if errors else UsageError("no folder is served; start `cornea mcp --root FOLDER`")
        return answers, notes

    async def _ask(self, folder: ServedFolder, params: UpdateParams[Q]) -> tuple[Q, list[str]]:
        host = folder.host
        is_limited = host.is_new and isinstance(params, SearchParams | SimilarParams | CallsParams)
        try:
            async with asyncio.timeout_at(self._end if is_limited else None):
                if not host.is_new:
                    await host.start()  # before the check, which takes an error of the start for its own
                    await host.checked_within(0.0 if host.is_far_behind else self._left)
                answer, building = await self._answer(folder, params)
        except TimeoutError:  # the host is still starting, or has no processor left for the answer
            seen = RunningUpdate(*host.progress, first=True) if host.progress else _BEGUN
            return _empty_answer(params), [f"{seen.line}; use grep meanwhile, or call again in a few seconds"]
        if building is None or not _is_empty(answer):
            host.is_new = False
        note = building.line if building is not None else await self._staleness(folder)
        if not note and answer.state is not None:
            note = answer.state.line
        return answer, [*([note] if note else []), *answer.remarks]

    async def _staleness(self, folder: ServedFolder) -> str:
        """What keeps an answer from being up to date, "" if nothing does."""
        failure = await folder.host.checked_within(0.0)
        if failure is None:
            progress = folder.host.progress
            return RunningUpdate(*progress).line if progress else _UNCHECKED
        return f"the index could not be updated, so answers may be out of date: {failure}" if failure else ""

    async def _answer(self, folder: ServedFolder, params: UpdateParams[Q]) -> tuple[Q, RunningUpdate | None]:
        """The answer, and the progress of an update without which it is incomplete."""
        while True:
            answer, error = await self._once(folder, params)
            if answer is not None and not _is_empty(answer):
                return answer, answer.indexing
            building = answer.indexing if answer is not None else None
            building = building or await self._building(folder)
            if building is None:  # the update may have ended in between
                answer, error = await self._once(folder, params)
            if building is None or asyncio.get_running_loop().time() > self._end:
                break
            await asyncio.sleep(_AGAIN_SECONDS)
        if answer is None:
            assert error is not None
            raise error if building is None else UsageError(f"{error} ({building.line})") from error
        return answer, building

    @property
    def _end(self) -> float:
        return self.began + PATIENCE_SECONDS

    @property
    def _left(self) -> float:
        return self._end - asyncio.get_running_loop().time()

    async def _once(
        self, folder: ServedFolder, params: UpdateParams[Q]
    ) -> tuple[Q | None, UsageError | None]:
        """The answer, or the host's objection to the arguments, which may end when more is indexed."""
        try:
            return await folder.host.ask(params), None
        except UsageError as error:
            return None, error

    async def _building(self, folder: ServedFolder) -> RunningUpdate | None:
        """The progress of a running update. Returns None if none is running, and something is indexed.

        If nothing is indexed, waits for an update, because none may have begun yet.
        """
        status = await folder.host.ask(StatusParams())
        if status.indexing is not None:
            return RunningUpdate(status.indexing.done, status.indexing.total, first=not status.updated)
        if status.fragments or status.trouble:
            return None
        return _BEGUN if await folder.host.checked_within(self._left) is None else None

    async def _report(self, folder: ServedFolder) -> None:
        """Report the progress of the host's update for as long as the call takes."""
        sent = -1
        while True:
            await asyncio.sleep(_PROGRESS_SECONDS)
            progress = folder.host.progress
            if progress is not None and progress[0] > sent:
                sent = progress[0]
                await self.report(sent, progress[1], "indexing")


def _forget(task: asyncio.Task[Any]) -> None:
    _left_running.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.info("a request that nobody waits for failed: %s", task.exception())  # the next call says it


def _is_empty(answer: QueryAnswer) -> bool:
    return not any(getattr(answer, name, None) for name in _ROWS)


def _empty_answer(params: UpdateParams[Q]) -> Q:
    """The answer to a request that found nothing."""
    kind = REQUESTS[message_of(params)[0]].answer
    required: dict[str, object] = {
        name: [] for name in ("hits", "functions", "files", "missing", "definitions")
    }
    names = {one.name for one in structs.fields(kind) if one.required}
    return cast(Q, kind(**{name: value for name, value in required.items() if name in names}))
