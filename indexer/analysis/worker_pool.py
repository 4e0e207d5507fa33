"""A pool of worker processes. If a file kills or stalls a worker, the pool replaces the worker."""

from __future__ import annotations

import math
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from queue import Queue
from typing import TYPE_CHECKING, TypeAlias, cast

from ..child_process import BACKGROUND, ChildDied, ChildProcess, Exit, main_of
from ..errors import CorneaError
from ..fragment import Skipped, SourceFile
from ..parsing.source import digest_of
from ..quarantine import Quarantine, Suspect
from ..skip_reason import SkipKind, SkipReason
from .worker import OUT_OF_MEMORY, READY, TIMED_OUT, Setup

_COMMAND = main_of("indexer.analysis.worker")

_WINDOW = 4
"""Number of files that a worker has at once, so that it need not wait for the parent process."""

_MAX_WAITING_POINTS = 2_000
"""Number of points in the result queue from which workers wait, because a slow store would let it grow."""

if TYPE_CHECKING:
    from ..config import Config
    from .file_calls import FileCalls
    from .outline import Outline
    from .packed_points import FileAnalysis

Result: TypeAlias = "FileAnalysis | Skipped"


class WorkerProcess(ChildProcess):
    """A worker process. It answers files in the order of sending."""

    def __init__(self, setup: Setup, nice: int = 0) -> None:
        # numpy gets one thread, because more threads do not pay off in a short process.
        variables = {"OPENBLAS_NUM_THREADS": "1"}
        super().__init__("an indexing process", _COMMAND, nice=nice, variables=variables)
        self._ready = False
        self.setup = setup
        self.send(setup)

    def answer(self) -> Result:
        """The next answer. Raises ChildDied if the worker died, or CorneaError if it could not start."""
        try:
            if not self._ready:
                self._ready = self.receive() == READY
            return cast("Result", self.receive())
        except ChildDied as died:
            if self._ready:
                raise
            raise CorneaError(
                f"an indexing process could not start ({died}); see what it printed, or reinstall cornea"
            ) from None


class WorkerPool:
    """A pool of `size` workers.

    `run` yields one result per file, in the order in which files are finished.
    """

    def __init__(
        self,
        setup: Setup,
        size: int,
        idle_worker: IdleWorker | None = None,
        quarantine: Quarantine | None = None,
    ) -> None:
        """Start the workers, which load their libraries while the parent process opens the store.

        If `size` is 1 and `idle_worker` has a worker, the pool uses this worker. After a complete run,
        `close` gives the worker to `idle_worker`. If `size` is greater, no worker is kept, because a worker's
        memory grows with the files that it has parsed; if `idle_worker` is given, the workers run at low
        priority. Files that kill their workers are recorded in `quarantine`, by default only for this pool.
        """
        self._quarantine = quarantine or Quarantine()
        self._setup, self._idle_worker = setup, idle_worker if size == 1 else None
        self._nice = BACKGROUND if idle_worker is not None and size > 1 else 0
        self._retried: set[str] = set()  # files on which a worker has died once
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
        """Analyse all files. A file that kills or stalls its worker gives a Skipped result with that reason.

        Raises CorneaError if the workers cannot run at all. Call this method only once.
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
        """Kill the workers, even busy workers. A second call does nothing."""
        with self._lock:
            self._closing = True
            if self._idle_worker is not None and self._done and self._workers:
                self._idle_worker.give(self._workers.pop())
            for worker in self._workers:
                worker.kill()
        self._results.close()
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.end()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _drive(self, number: int) -> None:
        """Keep one worker busy until no file is left. This method runs in a thread per worker."""
        waiting: deque[SourceFile] = deque()
        try:
            while not self._closing:
                while len(waiting) < _WINDOW and (job := self._next()) is not None:
                    waiting.append(job)
                    self._workers[number].send(job)
                if not waiting:
                    break
                result: Result | None
                try:
                    result = self._workers[number].answer()
                    self._forget_crash(waiting.popleft())
                except ChildDied as died:
                    result = self._replace_dead_worker(number, died.exit, waiting)
                if result is not None:
                    self._results.put(result)
        except Exception as error:  # noqa: BLE001 - `run` raises it again in its own thread
            self._failure = error
        finally:
            self._results.put(None)

    def _replace_dead_worker(self, number: int, exit: Exit, waiting: deque[SourceFile]) -> Result | None:
        """Replace a dead worker, and send the files that the dead worker did not answer to the new worker.

        Answers come in the order of sending, so the worker died on its first unanswered file. If that file
        timed out or is quarantined now, returns why the file is skipped. Otherwise, returns None and the file
        is tried once more, because the system may have killed the process for another reason. A worker that
        exited with OUT_OF_MEMORY exited between two files, so no file is blamed.
        """
        culprit, verdict = waiting[0], None
        if exit.timed_out or exit.code == TIMED_OUT:
            verdict = Skipped(culprit.path, SkipReason(SkipKind.SLOW, f"{self._setup.seconds:g}"))
        elif exit.code != OUT_OF_MEMORY:
            why = SkipReason(SkipKind.KILLED_PARSER, exit.reason)
            if self._quarantine.record(Suspect.FILE, culprit.path, why, digest_of(culprit)):
                verdict = Skipped(culprit.path, why)
            else:
                self._retried.add(culprit.path)
        if verdict is not None:
            waiting.popleft()
        with self._lock:
            if self._closing:
                return None
            self._workers[number] = WorkerProcess(self._setup, self._nice)
        for job in waiting:
            self._workers[number].send(job)
        return verdict

    def _forget_crash(self, file: SourceFile) -> None:
        """Forget that a worker died on a file that another one has analysed: the file was not the cause."""
        if file.path in self._retried:
            self._retried.discard(file.path)
            self._quarantine.forget(Suspect.FILE, file.path)

    def _next(self) -> SourceFile | None:
        with self._lock:
            return next(self._jobs, None)


def outlines(
    files: Iterable[SourceFile],
    config: Config,
    idle_worker: IdleWorker | None = None,
    seconds: float = math.inf,
) -> Iterator[Outline | Skipped]:
    """The outlines of files, from a worker process, in the order of the files.

    Yields Skipped for a file that has no outline. A file gets at most `seconds` of CPU time, and no more than
    the settings allow. If `idle_worker` has a worker, this worker is used. At the end, the worker is given to
    `idle_worker`.
    """
    seconds = min(config.parse_seconds, seconds)
    setup = Setup("", None, config.max_file_bytes, seconds, (), config.worker_mb, outlines=True)
    with WorkerPool(setup, 1, idle_worker) as pool:
        yield from cast("Iterator[Outline | Skipped]", pool.run(files))


def calls_of_files(
    files: Iterable[SourceFile],
    config: Config,
    idle_worker: IdleWorker | None = None,
    seconds: float = math.inf,
    size: int = 1,
) -> Iterator[FileCalls | Skipped]:
    """What files say about calls, from `size` worker processes, in the order in which files are finished.

    The other arguments are those of `outlines`.
    """
    seconds = min(config.parse_seconds, seconds)
    setup = Setup("", None, config.max_file_bytes, seconds, (), config.worker_mb, calls=True)
    with WorkerPool(setup, size, idle_worker) as pool:
        yield from cast("Iterator[FileCalls | Skipped]", pool.run(files))


class IdleWorker:
    """Keeps one idle worker for a while, so that the next small update need not start a new worker.

    Processes that update often use this class. Safe to use from several threads.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        """A worker is kept for `seconds`."""
        self._seconds = seconds
        self._kept: WorkerProcess | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def take(self, setup: Setup) -> WorkerProcess | None:
        """Remove and return the kept worker.

        Returns None if there is none, or it died, or its setup differs.
        """
        kept = self._exchange(None)
        if kept is None or (kept.setup == setup and kept.alive):
            return kept
        kept.end()
        return None

    def give(self, worker: WorkerProcess | None) -> None:
        """Keep a worker. A worker that was kept before is ended."""
        former = self._exchange(worker)
        if former is not None:
            former.end()

    def close(self) -> None:
        """End the kept worker. This method may be called repeatedly, and `give` may be called afterwards."""
        self.give(None)

    def _exchange(self, worker: WorkerProcess | None) -> WorkerProcess | None:
        """Keep `worker` in the place of the worker that is returned."""
        with self._lock:
            former, self._kept = self._kept, worker
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if worker is not None:
                self._timer = threading.Timer(self._seconds, self.close)
                self._timer.daemon = True
                self._timer.start()
        return former


class _Results(Queue["Result | None"]):
    """The queue of results from the workers' threads to `run`. It is full at _MAX_WAITING_POINTS points."""

    def __init__(self) -> None:
        self._points = 0
        super().__init__(_MAX_WAITING_POINTS)

    def close(self) -> None:
        """Let `put` return at once, even if the queue is full."""
        with self.mutex:
            self.maxsize = sys.maxsize
            self.not_full.notify_all()

    # Queue calls these methods while it is locked.
    def _qsize(self) -> int:
        return self._points + len(self.queue)

    def _put(self, item: Result | None) -> None:
        self._points += _size(item)
        super()._put(item)

    def _get(self) -> Result | None:
        item = super()._get()
        self._points -= _size(item)
        self.not_full.notify_all()  # a large result makes room for several others
        return item


def _size(item: Result | None) -> int:
    """The number of points of a file's result, or the number of fragments of an outline."""
    return len(getattr(item, "points", ())) + len(getattr(item, "fragments", ()))
