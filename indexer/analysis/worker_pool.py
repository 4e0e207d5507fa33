"""A pool of worker processes; one that a file kills or stalls is replaced."""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

from .. import limits
from ..errors import CorneaError
from ..fragment import Skipped, SourceFile
from . import environment
from .worker import OUT_OF_MEMORY, READY, TIMED_OUT, Setup

_WINDOW = 4
"""Files that are sent to a worker ahead of its answers, so that it never waits for the parent."""

_MAX_WAITING_POINTS = 2_000
"""Points in the result queue above which workers wait; limits memory if the store is slower."""

_NICENESS = 10
"""Niceness of workers when the parent also serves queries."""
_MAX_NICENESS = 19

_EXIT_SECONDS = 5.0
"""Seconds that a worker gets to exit once it has closed its pipe."""

if TYPE_CHECKING:
    from ..config import Config
    from .outline import Outline
    from .packed_points import FileAnalysis

# -P keeps the working folder, which may be an untrusted repository, off the import path.
_COMMAND = (sys.executable, "-P", "-c", "from indexer.analysis.worker import main; main()")

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
        self._workers: list[_Worker] = []
        try:
            if self._idle_worker is not None and (spare := self._idle_worker.take(setup)) is not None:
                self._workers.append(spare)
            while len(self._workers) < size:
                self._workers.append(_Worker(setup, self._nice))
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
            self._workers[number] = _Worker(self._setup, self._nice)
        for job in waiting:
            self._workers[number].send(job)
        return verdict

    def _skip_reason(self, code: int) -> str:
        if code in TIMED_OUT:
            return f"took longer than {self._setup.seconds:g} s"
        return f"killed its parser ({_cause(code)})"

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
        self._kept: tuple[Setup, _Worker] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def take(self, setup: Setup) -> _Worker | None:
        """The kept worker; None if there is none, it died or it has another setup."""
        with self._lock:
            kept = self._take_out()
        if kept is None:
            return None
        if kept[0] == setup and kept[1].alive:
            return kept[1]
        _end(kept[1])
        return None

    def give(self, setup: Setup, worker: _Worker) -> None:
        """Keep a worker; one that was kept before is ended."""
        with self._lock:
            former = self._take_out()
            self._kept = (setup, worker)
            self._timer = threading.Timer(self._seconds, self.close)
            self._timer.daemon = True
            self._timer.start()
        if former is not None:
            _end(former[1])

    def close(self) -> None:
        """End the kept worker; may be called twice, and `give` may be called again afterwards."""
        with self._lock:
            kept = self._take_out()
        if kept is not None:
            _end(kept[1])

    def _take_out(self) -> tuple[Setup, _Worker] | None:
        kept, self._kept = self._kept, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return kept


def _end(worker: _Worker) -> None:
    worker.kill()
    worker.wait()


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


class _Worker:
    """One worker process and the pipes to it."""

    def __init__(self, setup: Setup, nice: int = 0) -> None:
        try:
            self._process = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment.single_threaded(),
                # Ctrl-C and Ctrl-Z must reach only the parent: a stopped worker would time out.
                process_group=0,
            )
        except OSError as error:
            advice = limits.remedy(error.errno) or "end some other programs"
            raise CorneaError(f"cannot start an indexing process: {error}; {advice}") from error
        self._ready = False
        if nice and hasattr(os, "setpriority"):
            ours = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self._process.pid, min(ours + nice, _MAX_NICENESS))
        self.send(setup)

    def send(self, message: SourceFile | Setup) -> None:
        """Send the setup, then files; the worker answers in the order of sending."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # the worker is dead, which receive() reports
            pickle.dump(message, self._process.stdin, protocol=5)
            self._process.stdin.flush()

    def receive(self) -> Result | None:
        """The next answer; None if the worker died. Raises CorneaError if it never became ready."""
        assert self._process.stdout is not None
        try:
            if not self._ready:
                self._ready = pickle.load(self._process.stdout) == READY
            answer: Result = pickle.load(self._process.stdout)
            return answer
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            code = self.wait()
        if not self._ready:
            raise CorneaError(
                f"an indexing process could not start ({_cause(code)}); "
                f"see what it printed, or reinstall cornea"
            )
        return None

    def wait(self) -> int:
        """The exit code of a worker whose pipe has ended; negative for a signal."""
        try:
            code = self._process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unsent data for a dead process
                    pipe.close()
        return code

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process; may be called twice."""
        self._process.kill()


def _cause(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
