"""A pool of worker processes; one that a file kills or stalls is replaced."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

from ..fragment import Skipped, SourceFile
from .worker import OUT_OF_MEMORY, TIMED_OUT, Setup
from .worker_process import WorkerProcess, cause_of

_WINDOW = 4
"""Files that are sent to a worker ahead of its answers, so that it never waits for the parent."""

_MAX_WAITING_POINTS = 2_000
"""Points in the result queue above which workers wait; limits memory if the store is slower."""

_NICENESS = 10
"""Niceness of workers when the parent also serves queries."""

if TYPE_CHECKING:
    from ..config import Config
    from .outline import Outline
    from .packed_points import FileAnalysis

Result: TypeAlias = "FileAnalysis | Skipped"


class WorkerPool:
    """`size` workers; `run` yields one result per file, in the order in which they finish."""

    def __init__(self, setup: Setup, size: int, idle_worker: IdleWorker | None = None) -> None:
        """Start the workers: they load their libraries while the parent opens the store.

        A single worker is taken from `idle_worker`, if it has one, and given back at the end. Several workers
        are not kept, because a worker's memory grows with the files it has parsed; they run at low priority
        if there is an `idle_worker`.
        """
        self._setup, self._idle_worker = setup, idle_worker if size == 1 else None
        self._nice = _NICENESS if idle_worker is not None and size > 1 else 0
        self._done = False
        self._results = _Results()
        self._jobs: Iterator[SourceFile] = iter(())
        self._lock = threading.Lock()
        self._closing = False
        self._failure: Exception | None = None
        self._threads: list[threading.Thread] = []
        self._workers: list[WorkerProcess] = []
        try:
            if self._idle_worker is not None and (spare := self._idle_worker.take(setup)) is not None:
                self._workers.append(spare)
            while len(self._workers) < size:
                self._workers.append(WorkerProcess(setup, self._nice))
        except BaseException:
            self.close()
            raise

    def run(self, files: Iterable[SourceFile]) -> Iterator[Result]:
        """Analyse all files. A file that kills or stalls its worker is Skipped with that reason.

        Raises CorneaError if the workers cannot run at all. Call it once.
        """
        self._jobs = iter(files)
        for number in range(len(self._workers)):
            thread = threading.Thread(target=self._drive, args=(number,), daemon=True)
            thread.start()
            self._threads.append(thread)
        running = len(self._threads)
        while running:
            result = self._results.get()
            if result is not None:
                yield result
            elif self._failure:
                raise self._failure
            else:
                running -= 1
        self._done = self._failure is None

    def close(self) -> None:
        """Kill the workers, even busy ones; may be called twice."""
        with self._lock:
            self._closing = True
            if self._idle_worker is not None and self._done and self._workers:
                self._idle_worker.give(self._setup, self._workers.pop())
            for worker in self._workers:
                worker.kill()
        self._results.close()
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.wait()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _drive(self, number: int) -> None:
        """Keep one worker busy until no file is left; runs in its own thread."""
        waiting: deque[SourceFile] = deque()
        retried: set[str] = set()
        try:
            while not self._closing:
                while len(waiting) < _WINDOW and (job := self._next()) is not None:
                    waiting.append(job)
                    self._workers[number].send(job)
                if not waiting:
                    break
                result = self._workers[number].receive()
                if result is not None:
                    waiting.popleft()
                else:
                    result = self._replace_dead_worker(number, waiting, retried)
                if result is not None:
                    self._results.put(result)
        except Exception as error:  # noqa: BLE001 - `run` raises it again in its own thread
            self._failure = error
        finally:
            self._results.put(None)

    def _replace_dead_worker(
        self, number: int, waiting: deque[SourceFile], retried: set[str]
    ) -> Result | None:
        """Replace a dead worker, and send the unanswered files to the new one.

        Answers come in the order of sending, so the worker died on the first unanswered file. If that file
        timed out, or was tried before, the result says why it is skipped. Otherwise it gets one more try,
        because the system may have killed the process for another reason, and the result is None. A worker
        that exited because of its memory did so between two files.
        """
        code = self._workers[number].wait()
        culprit, verdict = waiting[0], None
        if code != OUT_OF_MEMORY:
            if code in TIMED_OUT or culprit.path in retried:
                waiting.popleft()
                verdict = Skipped(culprit.path, self._skip_reason(code))
            retried.add(culprit.path)
        with self._lock:
            if self._closing:
                return None
            self._workers[number] = WorkerProcess(self._setup, self._nice)
        for job in waiting:
            self._workers[number].send(job)
        return verdict

    def _skip_reason(self, code: int) -> str:
        if code in TIMED_OUT:
            return f"took longer than {self._setup.seconds:g} s"
        return f"killed its parser ({cause_of(code)})"

    def _next(self) -> SourceFile | None:
        with self._lock:
            return next(self._jobs, None)


def outlines(
    files: Iterable[SourceFile],
    config: Config,
    idle_worker: IdleWorker | None = None,
    seconds: float = math.inf,
) -> Iterator[Outline | Skipped]:
    """The outline of each file, or why it has none, in their order, from a worker process.

    A file gets at most `seconds` of CPU time, and no more than the settings allow. The worker is taken from
    `idle_worker`, if it has one, and given back at the end.
    """
    seconds = min(config.parse_seconds, seconds)
    setup = Setup("", None, config.max_file_bytes, seconds, (), config.worker_mb, outlines=True)
    with WorkerPool(setup, 1, idle_worker) as pool:
        yield from cast("Iterator[Outline | Skipped]", pool.run(files))


class IdleWorker:
    """Keeps one idle worker for a while, so that the next small update need not wait for a new one.

    For processes that update often. Safe to use from several threads.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        """`seconds` is how long a worker is kept."""
        self._seconds = seconds
        self._kept: tuple[Setup, WorkerProcess] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def take(self, setup: Setup) -> WorkerProcess | None:
        """The kept worker; None if there is none, it died or it has another setup."""
        with self._lock:
            kept = self._take_out()
        if kept is None:
            return None
        if kept[0] == setup and kept[1].alive:
            return kept[1]
        kept[1].end()
        return None

    def give(self, setup: Setup, worker: WorkerProcess) -> None:
        """Keep a worker; one that was kept before is ended."""
        with self._lock:
            former = self._take_out()
            self._kept = (setup, worker)
            self._timer = threading.Timer(self._seconds, self.close)
            self._timer.daemon = True
            self._timer.start()
        if former is not None:
            former[1].end()

    def close(self) -> None:
        """End the kept worker; may be called twice, and `give` may be called again afterwards."""
        with self._lock:
            kept = self._take_out()
        if kept is not None:
            kept[1].end()

    def _take_out(self) -> tuple[Setup, WorkerProcess] | None:
        kept, self._kept = self._kept, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return kept


class _Results:
    """The result queue from the drivers to the parent, bounded by _MAX_WAITING_POINTS points."""

    def __init__(self) -> None:
        self._items: deque[Result | None] = deque()
        self._points = 0
        self._closed = False
        self._change = threading.Condition()

    def put(self, item: Result | None) -> None:
        """Add a result, waiting while the queue is full; after `close` it never waits."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._points < _MAX_WAITING_POINTS)
            self._items.append(item)
            self._points += _size(item)
            self._change.notify_all()

    def get(self) -> Result | None:
        """Remove and return the oldest result; waits for one."""
        with self._change:
            self._change.wait_for(lambda: self._items)
            item = self._items.popleft()
            self._points -= _size(item)
            self._change.notify_all()
            return item

    def close(self) -> None:
        """From now on, `put` returns at once."""
        with self._change:
            self._closed = True
            self._change.notify_all()


def _size(item: Result | None) -> int:
    """The number of points of a result, or of fragments of an outline."""
    return len(getattr(item, "points", ())) + len(getattr(item, "fragments", ()))
