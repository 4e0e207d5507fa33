"""Runs tasks in processes that may hang or die. Each task gets an answer, or a reason why it has no answer.

A process reads pickled tasks from stdin and writes answers to stdout. A process that is too slow is replaced.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from indexer.analysis import environment

# -P keeps the working folder off the import path: it may be an untrusted repository.
_COMMAND = (sys.executable, "-P", "-c", "from research.mining.processes import main; main()")
FILE_SECONDS = 30.0
"""Maximum CPU seconds per file in a process. Ordinary files take some milliseconds."""
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
    workers = [_WorkerProcess(seconds) for _ in range(max(1, min(jobs, len(tasks))))]
    idle = SimpleQueue[_WorkerProcess]()
    for worker in workers:
        idle.put(worker)

    def answer(task: Any) -> Any:
        worker = idle.get()
        try:
            return worker.ask(task)
        except Exception as error:  # noqa: BLE001 - one task must not end the others; its reason is reported
            return WorkerLost(f"no answer: {error}")
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(len(workers))
    try:
        asked = {threads.submit(answer, task): task for task in tasks}
        for future in as_completed(asked):
            yield asked.pop(future), future.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()


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
            if not select.select([process.stdout], [], [], self._seconds)[0]:
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


class Task(Protocol):
    """A task for a process."""

    def run(self) -> Any:
        """Run the task. The answer must be picklable."""


@contextlib.contextmanager
def file_marker(place: Path) -> Iterator[Callable[[str], None]]:
    """A context with a function that writes the name of the current file to the file `place`.

    The parent process finds the name there after a crash. An empty name means that no file is current. The
    process is killed if a file takes more than FILE_SECONDS.
    """
    with place.open("wb", buffering=0) as file:

        def mark(path: str) -> None:
            signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS if path else 0)
            file.seek(0)
            file.truncate()
            file.write(path.encode("utf-8", "surrogatepass"))

        try:
            yield mark
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> None:
    """Serve tasks until stdin ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that output of a library does not get between two answers
    faulthandler.disable()
    while True:
        try:
            task: Task = pickle.load(requests)
        except EOFError:
            return
        try:
            answer = task.run()
        except Exception as error:  # noqa: BLE001 - one task must not end the others; its reason is reported
            answer = WorkerLost(" ".join(f"{type(error).__name__}: {error}".split())[:300])
        pickle.dump(answer, answers, protocol=5)
        answers.flush()
