"""The parent of a child process that runs our code: its pipes, its end, and the time that it allows.

The parent's side is in `child_process`, whose imports would slow down the start of a child process.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class ParentPipes:
    """The pipes to the parent process, in a child process. The parent's side is ChildProcess."""

    def __init__(self, noise: int) -> None:
        """What libraries print to stdout goes to the file descriptor `noise`, not between two messages."""
        self._requests, self._answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
        os.dup2(noise, 1)

    def receive(self) -> Any:
        """The next message of the parent. Raises EOFError if the parent has ended or closed the pipe."""
        return pickle.load(self._requests)

    def send(self, message: object) -> None:
        """Send a message to the parent."""
        pickle.dump(message, self._answers, protocol=5)
        self._answers.flush()


def exit_with_parent() -> None:
    """End this process as soon as its parent ends. For processes that receive no messages."""

    def wait() -> None:
        os.read(0, 1)  # not sys.stdin, whose lock would be held when the process ends by itself
        os._exit(1)

    threading.Thread(target=wait, name="parent's end", daemon=True).start()


@contextmanager
def time_limit(seconds: float, factor: float, noise: int = 2) -> Iterator[None]:
    """A context in which this process is ended after `seconds` of CPU time, or `factor` times as much time.

    Both timers end the process even if native code loops while it holds the interpreter lock: the first by
    SIGPROF, the second with exit code 1, after writing a traceback to the file descriptor `noise`.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    faulthandler.dump_traceback_later(seconds * factor, exit=True, file=noise)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
