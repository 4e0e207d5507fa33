"""The process that mines repositories. A hostile file may hang or crash it."""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from .processes import WorkerLost

FILE_SECONDS = 30.0
"""Maximum CPU seconds per file. Ordinary files take some milliseconds."""


class Task(Protocol):
    """A task for a process."""

    def run(self) -> Any:
        """Run the task. The answer must be picklable."""


class FileMarker:
    """Writes the name of the current file to a file, in which the parent finds the name after a crash."""

    def __init__(self, place: Path) -> None:
        self._file = place.open("wb", buffering=0)

    def __call__(self, path: str) -> None:
        """Record the current file. An empty `path` means that no file is current.

        The process is killed if the file takes more than FILE_SECONDS.
        """
        signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS if path else 0)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(path.encode("utf-8", "surrogatepass"))

    def __enter__(self) -> FileMarker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._file.close()


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
