"""Runs tasks in processes that may hang or die. Each task gets an answer, or a reason why it has no answer.

A process reads pickled tasks from stdin and writes answers to stdout. A process that is too slow is replaced.
"""

from __future__ import annotations

import contextlib
import faulthandler
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from indexer.child_process import ChildDied, ChildProcess, main_of
from indexer.parent_process import ParentPipes

_COMMAND = main_of("research.mining.processes")
FILE_SECONDS = 30.0
"""Maximum CPU seconds per file in a process. Ordinary files take some milliseconds."""


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
    workers = [_TaskProcess(seconds) for _ in range(max(1, min(jobs, len(tasks))))]
    idle = SimpleQueue[_TaskProcess]()
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


class _TaskProcess:
    """A process that is started when it is first needed, and replaced when it ends."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: ChildProcess | None = None
        self._closed = False
        self._lock = threading.Lock()

    def ask(self, task: Any) -> Any:
        """The answer to a task. Returns WorkerLost if the process is too slow or dies."""
        with self._lock:
            if self._closed:
                return WorkerLost("no answer: closed")
            process = self._process = self._process or ChildProcess("a process for tasks", _COMMAND)
        process.send(task)
        try:
            return process.receive(self._seconds)
        except ChildDied as died:
            with self._lock:
                self._process = None
            if died.exit.late:
                return WorkerLost(f"took longer than {self._seconds:g} s", late=True)
            return WorkerLost(f"killed its process ({died.exit.reason})", died=True)

    def close(self) -> None:
        """Kill the process."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.end()


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
    parent = ParentPipes(noise=2)
    faulthandler.disable()
    while True:
        try:
            task: Task = parent.receive()
        except EOFError:
            return
        try:
            answer = task.run()
        except Exception as error:  # noqa: BLE001 - one task must not end the others; its reason is reported
            answer = WorkerLost(" ".join(f"{type(error).__name__}: {error}".split())[:300])
        parent.send(answer)
