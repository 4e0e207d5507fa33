"""Starts a worker process, sends files to it, and receives its answers."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

from .. import limits
from ..errors import CorneaError
from ..fragment import Skipped, SourceFile
from . import environment
from .worker import READY, Setup

if TYPE_CHECKING:
    from .packed_points import FileAnalysis

_MAX_NICENESS = 19
_EXIT_SECONDS = 5.0
"""Seconds that a worker gets to exit after it has closed its pipe. After that time, it is killed."""

# -P keeps the working folder off the import path, because the folder may be an untrusted repository.
_COMMAND = (sys.executable, "-P", "-c", "from indexer.analysis.worker import main; main()")


class WorkerProcess:
    """One worker process and the pipes to it."""

    def __init__(self, setup: Setup, nice: int = 0) -> None:
        try:
            self._process = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # numpy gets one thread, because more threads do not pay off in a short process.
                env=environment.own() | {"OPENBLAS_NUM_THREADS": "1"},
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
        """Send the setup or a file to the worker, which answers files in the order of sending."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # the worker is dead, which receive() reports
            pickle.dump(message, self._process.stdin, protocol=5)
            self._process.stdin.flush()

    def receive(self) -> FileAnalysis | Skipped | None:
        """The next answer. Returns None if the worker died.

        Raises CorneaError if the worker died before it was ready.
        """
        assert self._process.stdout is not None
        try:
            if not self._ready:
                self._ready = pickle.load(self._process.stdout) == READY
            answer: FileAnalysis | Skipped = pickle.load(self._process.stdout)
            return answer
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            code = self.wait()
        if not self._ready:
            raise CorneaError(
                f"an indexing process could not start ({cause_of(code)}); "
                f"see what it printed, or reinstall cornea"
            )
        return None

    def wait(self) -> int:
        """Wait for a worker whose pipe has ended. Returns its exit code, which is negative for a signal."""
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
        """Kill the process. A second call does nothing."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process and wait until it has ended."""
        self.kill()
        self.wait()


def cause_of(code: int) -> str:
    """How a process ended, in words. `code` is its exit code, which is negative for a signal."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
