"""A pool of worker processes, replaced when a file kills or stalls one."""

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
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias, cast

from .. import limits
from ..errors import CorneaError
from ..fragment import Skipped, SourceFile
from . import environment
from .worker import GROWN, READY, STALLED, Setup

_WINDOW = 4
"""Files a worker has been sent and not answered: enough that it never waits for the parent."""

_WAITING_POINTS = 2_000
"""Points that may wait for the parent: bounds memory when the store is the slower side."""

_NICE = 10
"""How much workers beside a process that has other things to do step back."""
_NICEST = 19

_LAST_SECONDS = 5.0
"""A worker that has closed its pipe gets so long to end."""

if TYPE_CHECKING:
    from ..config import Config
    from .outline import Outline
    from .packed_points import Analysed

# -P keeps the working folder off the import path: it may be somebody else's repository.
_COMMAND = (sys.executable, "-P", "-c", "from indexer.analysis.worker import main; main()")

Result: TypeAlias = "Analysed | Skipped"


class Pool:
    """`size` workers; `run` yields one result a file, in the order they finish."""

    def __init__(self, setup: Setup, size: int, reserve: Reserve | None = None) -> None:
        """Start them: they load their libraries while the parent opens the store.

        One may come out of a reserve, and goes back there when all is done. Several beside a process that has
        other things to do leave it the processor, and are not kept: they have seen much and hold its memory.
        """
        self._setup, self._reserve = setup, reserve if size == 1 else None
        self._nice = _NICE if reserve is not None and size > 1 else 0
        self._done = False
        self._results = _Results()
        self._jobs: Iterator[SourceFile] = iter(())
        self._lock = threading.Lock()
        self._closing = False
        self._failure: Exception | None = None
        self._threads: list[threading.Thread] = []
        self._workers: list[_Worker] = []
        try:
            if self._reserve is not None and (spare := self._reserve.take(setup)) is not None:
                self._workers.append(spare)
            while len(self._workers) < size:
                self._workers.append(_Worker(setup, self._nice))
        except BaseException:
            self.close()
            raise

    def run(self, files: Iterable[SourceFile]) -> Iterator[Result]:
        """Analyse all files. A file that kills or stalls its worker is Skipped with that reason.

        Raises CorneaError when the workers cannot work at all. To be called once.
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
        """Kill the workers, whatever they are doing; may be called twice."""
        with self._lock:
            self._closing = True
            if self._reserve is not None and self._done and self._workers:
                self._reserve.give(self._setup, self._workers.pop())
            for worker in self._workers:
                worker.kill()
        self._results.close()
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.wait()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drive(self, number: int) -> None:
        """Keep one worker busy until there are no more files; runs in a thread of its own."""
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
                    result = self._bury(number, waiting, retried)
                if result is not None:
                    self._results.put(result)
        except Exception as error:  # noqa: BLE001 - a thread's would be lost; `run` raises it
            self._failure = error
        finally:
            self._results.put(None)

    def _bury(self, number: int, waiting: deque[SourceFile], retried: set[str]) -> Result | None:
        """Replace a dead worker and send it what the dead one still had.

        Answers come in the order of sending, so it died on the first of them. That file gets one more try,
        unless it took all its time: the system may have killed the process for other reasons. One that has
        grown too large left between two files.
        """
        code = self._workers[number].wait()
        culprit, verdict = waiting[0], None
        if code != GROWN:
            if code in STALLED or culprit.path in retried:
                waiting.popleft()
                verdict = Skipped(culprit.path, self._verdict(code))
            retried.add(culprit.path)
        with self._lock:
            if self._closing:
                return None
            self._workers[number] = _Worker(self._setup, self._nice)
        for job in waiting:
            self._workers[number].send(job)
        return verdict

    def _verdict(self, code: int) -> str:
        if code in STALLED:
            return f"took longer than {self._setup.seconds:g} s"
        return f"killed its parser ({_cause(code)})"

    def _next(self) -> SourceFile | None:
        with self._lock:
            return next(self._jobs, None)


def outlines(
    files: Iterable[SourceFile], config: Config, reserve: Reserve | None = None, seconds: float = math.inf
) -> Iterator[Outline | Skipped]:
    """The outline of each file, or why it has none, in their order; out of a process that a file may kill.

    A file gets at most `seconds` of CPU time, and no more than the settings say. The process comes out of
    `reserve`, if it has one, and goes back there.
    """
    seconds = min(config.parse_seconds, seconds)
    setup = Setup("", None, config.max_file_bytes, seconds, (), config.worker_mb, outlines=True)
    with Pool(setup, 1, reserve) as pool:
        yield from cast("Iterator[Outline | Skipped]", pool.run(files))


class Reserve:
    """A worker with nothing to do, kept for a while: the next small update need not wait for one to start.

    For processes that update again and again. It may be used from several threads.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        """A worker that nobody takes for so long is ended."""
        self._seconds = seconds
        self._kept: tuple[Setup, _Worker] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def take(self, setup: Setup) -> _Worker | None:
        """The worker, if it lives and was set up like this."""
        with self._lock:
            kept = self._emptied()
        if kept is None:
            return None
        if kept[0] == setup and kept[1].alive:
            return kept[1]
        _end(kept[1])
        return None

    def give(self, setup: Setup, worker: _Worker) -> None:
        """Keep an idle worker; one that was kept before is ended."""
        with self._lock:
            former = self._emptied()
            self._kept = (setup, worker)
            self._timer = threading.Timer(self._seconds, self.close)
            self._timer.daemon = True
            self._timer.start()
        if former is not None:
            _end(former[1])

    def close(self) -> None:
        """End the worker; may be called twice, and a later one is kept all the same."""
        with self._lock:
            kept = self._emptied()
        if kept is not None:
            _end(kept[1])

    def _emptied(self) -> tuple[Setup, _Worker] | None:
        kept, self._kept = self._kept, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return kept


def _end(worker: _Worker) -> None:
    worker.kill()
    worker.wait()


class _Results:
    """What the drivers hand to the parent. They wait while more than _WAITING_POINTS points lie here."""

    def __init__(self) -> None:
        self._items: deque[Result | None] = deque()
        self._points = 0
        self._closed = False
        self._change = threading.Condition()

    def put(self, item: Result | None) -> None:
        """Add one; after `close` it never waits."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._points < _WAITING_POINTS)
            self._items.append(item)
            self._points += _size(item)
            self._change.notify_all()

    def get(self) -> Result | None:
        """Take the oldest, waiting for it."""
        with self._change:
            self._change.wait_for(lambda: self._items)
            item = self._items.popleft()
            self._points -= _size(item)
            self._change.notify_all()
            return item

    def close(self) -> None:
        """Nobody will take anything any more."""
        with self._change:
            self._closed = True
            self._change.notify_all()


def _size(item: Result | None) -> int:
    """How many points, or fragments of an outline, it has."""
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
                # Ctrl-C and Ctrl-Z are the parent's: a stopped worker's time would run out.
                process_group=0,
            )
        except OSError as error:
            advice = limits.remedy(error.errno) or "end some other programs"
            raise CorneaError(f"cannot start an indexing process: {error}; {advice}") from error
        self._ready = False
        if nice and hasattr(os, "setpriority"):
            ours = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self._process.pid, min(ours + nice, _NICEST))
        self.send(setup)

    def send(self, message: SourceFile | Setup) -> None:
        """Hand over the setup, then files; the worker answers in the order of sending."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # dead: receive() finds out and says so
            pickle.dump(message, self._process.stdin, protocol=5)
            self._process.stdin.flush()

    def receive(self) -> Result | None:
        """The next answer; None if the worker died. Raises CorneaError for one that never came to life."""
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
                f"see what it printed, or install cornea again"
            )
        return None

    def wait(self) -> int:
        """The exit code of a worker whose pipe has ended; negative for a signal."""
        try:
            code = self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was buffered for a dead process
                    pipe.close()
        return code

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, as far as is known."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process, whatever it is doing; may be called twice."""
        self._process.kill()


def _cause(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
