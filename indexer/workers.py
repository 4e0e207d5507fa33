"""A pool of worker processes, replaced when a file kills or stalls one."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from .errors import CorneaError
from .fragment import Skipped, SourceFile
from .worker import READY, STALLED, Analysed, Setup

_WINDOW = 4
"""Files a worker has been sent and not answered: enough that it never waits for the parent."""

_RESULTS = 64
"""Answers that may wait for the parent: bounds memory when the store is the slower side."""

Result = Analysed | Skipped


class Pool:
    """`size` workers; `run` yields one result a file, in the order they finish."""

    def __init__(self, setup: Setup, size: int) -> None:
        self._setup = setup
        self._results: queue.Queue[Result | None] = queue.Queue(_RESULTS)
        self._jobs: Iterator[SourceFile] = iter(())
        self._lock = threading.Lock()
        self._closing = False
        self._failure: Exception | None = None
        self._threads: list[threading.Thread] = []
        # Started at once: they load their libraries while the parent opens the store.
        self._workers = [_Worker(setup) for _ in range(size)]

    def run(self, files: Iterable[SourceFile]) -> Iterator[Result]:
        """Analyse all files. A file that kills or stalls its worker is Skipped with that reason."""
        self._jobs = iter(files)
        self._threads = [threading.Thread(target=self._drive, args=(n,), daemon=True) for n in range(len(self._workers))]
        for thread in self._threads:
            thread.start()
        running = len(self._threads)
        while running:
            result = self._results.get()
            if result is None:
                running -= 1
            else:
                yield result
        if self._failure:
            raise self._failure

    def close(self) -> None:
        """Kill the workers, whatever they are doing."""
        with self._lock:
            self._closing = True
            for worker in self._workers:
                worker.kill()
        while any(thread.is_alive() for thread in self._threads):
            with contextlib.suppress(queue.Empty):  # a driver may be waiting for room
                self._results.get(timeout=0.01)
        for worker in self._workers:
            worker.wait()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _drive(self, number: int) -> None:
        """Keep one worker busy until there are no more files."""
        waiting: deque[SourceFile] = deque()
        retried: set[str] = set()
        try:
            while not self._closing:
                while len(waiting) < _WINDOW and (job := self._next()) is not None:
                    waiting.append(job)
                    self._workers[number].send(job)
                if not waiting:
                    return
                result = self._workers[number].receive()
                if result is not None:
                    waiting.popleft()
                elif not self._closing:
                    result = self._bury(number, waiting, retried)
                if result is not None:
                    self._results.put(result)
        except Exception as error:  # a thread's exception would be lost: `run` raises it
            self._failure = error
        finally:
            self._results.put(None)

    def _bury(self, number: int, waiting: deque[SourceFile], retried: set[str]) -> Result | None:
        """Replace a dead worker and send it what the dead one still had; the file it died on gets one more try."""
        code = self._workers[number].wait()
        culprit, verdict = waiting[0], None
        if code == STALLED or culprit.path in retried:
            waiting.popleft()
            what = f"took longer than {self._setup.seconds:g} s" if code == STALLED else f"killed its parser ({_cause(code)})"
            verdict = Skipped(culprit.path, what)
        retried.add(culprit.path)
        with self._lock:
            if self._closing:
                return None
            self._workers[number] = _Worker(self._setup)
        for job in waiting:
            self._workers[number].send(job)
        return verdict

    def _next(self) -> SourceFile | None:
        with self._lock:
            return next(self._jobs, None)


class _Worker:
    """One worker process and the pipes to it."""

    def __init__(self, setup: Setup) -> None:
        # -P keeps the working folder off the import path: it may be somebody else's repository.
        home = str(Path(__file__).parents[1])
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([home, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from indexer.worker import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._ready = False
        self._write(setup)

    def send(self, file: SourceFile) -> None:
        """Hand over a file; the worker answers in the order of sending."""
        self._write(file)

    def receive(self) -> Result | None:
        """The next answer, or None if the worker is dead. Raises CorneaError for one that never came to life."""
        assert self._process.stdout is not None
        try:
            if not self._ready:
                self._ready = pickle.load(self._process.stdout) == READY
            answer: Result = pickle.load(self._process.stdout)
            return answer
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            code = self.wait()
            if not self._ready and code > 0:
                raise CorneaError(
                    f"an indexing process could not start (exit {code}); run `cornea status` to check the installation"
                ) from None
            return None

    def wait(self) -> int:
        """The exit code of a worker whose pipe has ended; negative for a signal."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was buffered for a dead process
                    pipe.close()
        return code

    def kill(self) -> None:
        """End the process, whatever it is doing; may be called twice."""
        self._process.kill()

    def _write(self, message: object) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # dead: receive() finds out and says so
            pickle.dump(message, self._process.stdin, protocol=5)
            self._process.stdin.flush()


def _cause(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
