"""Updates the indexes, and shows progress in the client. The user can cancel an update."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Coroutine
from typing import Any, Protocol

from lsprotocol import types
from msgspec import structs
from pygls.progress import Progress

from indexer.errors import CorneaError
from retrieval.host.answers import UpdateReport
from retrieval.host.frames import Message
from retrieval.host.requests import HaltParams, ReindexParams

from .roots import Closed, Root

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.4
"""Seconds after the start of an update until the client shows a progress bar."""
QUIET_SECONDS = 0.5
"""Seconds without further changes until an update starts."""
_SILENCE_SECONDS = 3.0
"""Seconds without progress until an update that another client has requested counts as ended."""


class ProgressClient(Protocol):
    """The part of a session that this module needs."""

    @property
    def client_capabilities(self) -> types.ClientCapabilities: ...

    @property
    def work_done_progress(self) -> Progress: ...

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background."""

    def show_error_once(self, message: str, root: Root | None = None) -> None:
        """Show an error to the user, unless it was shown before."""

    def clear_errors(self, root: Root) -> None:
        """Forget which errors of a root were shown, so that recurring errors are shown again."""


class Indexing:
    """Runs the updates of all roots, and shows the progress of the updates."""

    def __init__(self, ls: ProgressClient) -> None:
        self._ls = ls
        self._shown: dict[Root, UpdateProgress] = {}
        self._pending: dict[Root, asyncio.Task[UpdateReport]] = {}
        self._soon: dict[Root, asyncio.TimerHandle] = {}

    async def refresh(self, root: Root) -> None:
        """Bring the index of a root up to date. Raises CorneaError, or CancelledError after `cancel`."""
        self.forget(root)
        task = self._ls.spawn(self._update_in_background(root))
        self._pending[root] = task
        await task

    def refresh_soon(self, root: Root) -> None:
        """Bring the index of a root up to date after QUIET_SECONDS without another call for the root."""
        timer = self._soon.pop(root, None)
        if timer is not None:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._soon[root] = loop.call_later(
            QUIET_SECONDS, lambda: self._ls.spawn(self._update_in_background(root))
        )

    async def _update_in_background(self, root: Root) -> UpdateReport:
        """Like `update`, but show an error to the user, because no response contains the error."""
        try:
            return await self.update(root)
        except Closed:
            raise
        except CorneaError as error:
            self._ls.show_error_once(str(error), root)
            raise

    async def update(self, root: Root, *, rebuild: bool = False) -> UpdateReport:
        """Bring the index of a root up to date, and return the report. Raises CorneaError."""
        work = self._work(root)
        work.requests += 1
        try:
            answer = await root.ask(ReindexParams(rebuild=rebuild))
        except (CorneaError, asyncio.CancelledError) as error:
            self._end(root, "failed" if isinstance(error, CorneaError) else "cancelled")
            raise
        finally:
            work.requests -= 1
        counts = _counts(structs.asdict(answer.report))
        self._end(root, counts)
        self._ls.clear_errors(root)
        for remark in answer.report.remarks:
            log.warning("%s: %s", root.folder, remark)
        log.info("%s: %s", root.folder, counts)
        return answer.report

    def handle_event(self, root: Root, name: str, params: Message) -> None:
        """Handle an event that the host of a root has sent."""
        if name == "progress":
            self._work(root).progress(params)
        elif name == "updated":
            log.debug("%s: %s", root.folder, _counts(params))
            if not self._work(root).requests:
                self._end(root, _counts(params))
        elif name == "trouble":
            self._end(root, "failed")
            self._ls.show_error_once(str(params.get("message", "")), root)
        elif name in ("gone", "leaving"):
            log.info("%s: its host is gone; the next request starts another one", root.folder)
            self._end(root, "stopped")

    def cancel(self, root: Root) -> None:
        """Stop indexing a root. The next change or request starts indexing again."""
        self.forget(root)
        self._ls.spawn(root.ask(HaltParams()))

    def forget(self, root: Root) -> None:
        """Cancel the pending updates of a root, and end the progress that is shown for the root."""
        timer = self._soon.pop(root, None)
        if timer is not None:
            timer.cancel()
        pending = self._pending.pop(root, None)
        if pending is not None:
            pending.cancel()
        self._end(root, "cancelled")

    def _work(self, root: Root) -> UpdateProgress:
        if root not in self._shown:
            self._shown[root] = UpdateProgress(self._ls, root, self)
        return self._shown[root]

    def _end(self, root: Root, how: str) -> None:
        work = self._shown.pop(root, None)
        if work is not None:
            work.end(how)


class UpdateProgress:
    """The work-done progress of one update, shown only if the update takes longer than PATIENCE_SECONDS.

    `requests` is the number of requests of this server that wait for the end of the update.
    """

    def __init__(self, ls: ProgressClient, root: Root, indexing: Indexing) -> None:
        self.requests = 0
        self._ls, self._root, self._indexing = ls, root, indexing
        self._token = f"cornea-{uuid.uuid4()}"
        self._started = time.monotonic()
        self._created: asyncio.Task[None] | None = None
        self._open = False
        self._ended: str | None = None
        self._last = ""
        self._silence: asyncio.TimerHandle | None = None

    def progress(self, params: Message) -> None:
        """Show how many files of all files are indexed."""
        self._restart_timeout()
        done, total = int(params.get("done", 0)), int(params.get("total", 0))
        self._last = f"{done} of {total} files"
        if self._created is None:
            window = self._ls.client_capabilities.window
            late = time.monotonic() - self._started > PATIENCE_SECONDS
            if late and window is not None and window.work_done_progress:
                self._created = self._ls.spawn(self._create())
        elif self._open:
            share = min(100, 100 * done // total) if total else None
            report = types.WorkDoneProgressReport(message=self._last, percentage=share, cancellable=True)
            self._ls.work_done_progress.report(self._token, report)

    def end(self, how: str) -> None:
        """End the progress with a final message."""
        self._ended = how
        if self._silence is not None:
            self._silence.cancel()
        if self._open:
            self._open = False
            self._ls.work_done_progress.end(self._token, types.WorkDoneProgressEnd(message=how))
            self._ls.work_done_progress.tokens.pop(self._token, None)

    async def _create(self) -> None:
        progress = self._ls.work_done_progress
        await progress.create_async(self._token)
        if self._ended is not None:
            return
        self._open = True
        progress.begin(
            self._token,
            types.WorkDoneProgressBegin(
                f"Indexing {self._root.name}", message=self._last, percentage=0, cancellable=True
            ),
        )
        progress.tokens[self._token].add_done_callback(
            lambda future: self._indexing.cancel(self._root) if future.cancelled() else None
        )

    def _restart_timeout(self) -> None:
        """End the progress after _SILENCE_SECONDS without an event, unless a request waits for the update."""
        if self._silence is not None:
            self._silence.cancel()
        loop = asyncio.get_running_loop()
        self._silence = loop.call_later(_SILENCE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if not self.requests:
            self._indexing.handle_event(self._root, "updated", {"changed": 0})


def _counts(report: Message) -> str:
    """A text that says how many files an update has added, changed, renamed and removed."""
    names = ("added", "changed", "renamed", "removed")
    return ", ".join(f"{report[name]} {name}" for name in names if report.get(name)) or "nothing changed"
