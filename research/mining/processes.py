"""Runs tasks in processes that may hang or die. Each task gets an answer, or a reason why it has no answer.

A process reads pickled tasks from stdin and writes answers to stdout. A process that is too slow is replaced.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from indexer.analysis import environment

# -P keeps the working folder off the import path: it may be an untrusted repository.
_COMMAND = (sys.executable, "-P", "-c", "from research.mining.worker import main; main()")
_LAST_SECONDS = 5.0
_GRACE = 0.1
"""Seconds to wait for a dying process before it is killed, so that its own exit code is reported."""


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """Why a task has no answer: the task took too long (`late`) or raised an error, or its process `died`."""

    reason: str
    died: bool = False
    late: bool = False


def run(tasks: Sequence[Any], jobs: int, seconds: float) -> Iterator[tuple[Any, Any]]:
    """Each task with its answer or WorkerLost, in the order in which the tasks end.

    A task may take `seconds` of wall time.
    """
    waiting = SimpleQueue[Any]()
    for task in tasks:
        waiting.put(task)
    results = SimpleQueue[tuple[Any, Any]]()
    workers = [_WorkerProcess(seconds) for _ in range(max(1, min(jobs, len(tasks))))] if tasks else []
    try:
        for worker in workers:
            threading.Thread(target=_drive, args=(worker, waiting, results), daemon=True).start()
        for _ in tasks:
            yield results.get()
    finally:
        for worker in workers:
            worker.close()


def _drive(worker: _WorkerProcess, waiting: SimpleQueue[Any], results: SimpleQueue[tuple[Any, Any]]) -> None:
    while not waiting.empty():
        with contextlib.suppress(Exception):  # the queue is empty: another thread took the last task
            task = waiting.get_nowait()
            try:
                answer: Any = worker.ask(task)
            except Exception as error:  # noqa: BLE001 - without an answer `run` would wait forever
                answer = WorkerLost(f"no answer: {error}")
            results.put((task, answer))


class _WorkerProcess:
    """A process that is started when it is first needed, and replaced when it ends."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def ask(self, task: Any) -> Any:
        """The answer to a task. Returns WorkerLost if the process is too slow or dies."""
        process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(task, process.stdin, protocol=5)
            process.stdin.flush()
            if not _ready(process.stdout.fileno(), self._seconds):
                self._end(process)
                return WorkerLost(f"took longer than {self._seconds:g} s", late=True)
            return pickle.load(process.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            code = self._end(process)
            cause = f"signal {-code}" if code < 0 else f"exit code {code}"
            return WorkerLost(f"killed its process ({cause})", died=True)

    def close(self) -> None:
        """Kill the process."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            self._end(process)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise OSError("closed")
            if self._process is None:
                self._process = subprocess.Popen(
                    _COMMAND,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment.own(),
                    process_group=0,  # so that Ctrl-C reaches only the parent
                )
            return self._process

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and any git process that it started
        code = process.wait(_LAST_SECONDS)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with self._lock:
            self._process = None
        return code


def _ready(descriptor: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if select.select([descriptor], [], [], left)[0]:
            return True
    return False
