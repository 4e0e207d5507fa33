"""What a host is doing: its running jobs and its background tasks, and whether it is idle or leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar

from indexer.errors import CorneaError, InternalError

from .messages import LEAVING, STOPPING, RequestRefused

T = TypeVar("T")
BugReporter = Callable[[str, Exception], InternalError]
"""A function that is called with a name of some work and with the bug that ended this work. It returns the
error for clients."""

IDLE_SECONDS = 20.0
"""A host counts as idle after this number of seconds without a query or an update."""


class Activity:
    """Counts the jobs of a host. The event loop calls all methods; any thread may read `leaving`."""

    def __init__(self, report_bug: BugReporter) -> None:
        self.report_bug = report_bug
        self.leaving = Event()
        """Set when the host is about to end."""
        self._jobs = 0
        self._timer: asyncio.TimerHandle | None = None
        self.on_idle: Callable[[], None] = lambda: None
        """Called whenever the host has been idle for IDLE_SECONDS."""
        self._tasks: set[asyncio.Task[Any]] = set()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """A context in which a job waits and runs. Raises RequestRefused if the host is leaving."""
        if self.leaving.is_set():
            raise RequestRefused(LEAVING, STOPPING)
        self._jobs += 1
        try:
            yield
        finally:
            self._jobs -= 1
            self._restart_timer()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task, and keep a reference to it, because the event loop keeps only a weak reference.

        A bug in the task is reported. A CorneaError concerns only the callers that await the task.
        """
        task = asyncio.get_running_loop().create_task(work, name=getattr(work, "__qualname__", None))
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def leave(self) -> None:
        """Refuse further jobs."""
        self.leaving.set()
        self._restart_timer()

    def _restart_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._jobs and not self.leaving.is_set():
            self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.on_idle)

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception) and not isinstance(error, CorneaError):
            self.report_bug(task.get_name(), error)
