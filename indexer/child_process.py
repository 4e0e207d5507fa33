"""Child processes that run our code: how they start, exchange messages, stop, and how their end is reported.

The child's side is in `parent_process`.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast

from . import limits
from .errors import CorneaError

BACKGROUND = 10
"""What is added to the niceness of a child process whose work is less urgent than that of its parent."""
_MAX_NICENESS = 19
_EXIT_SECONDS = 5.0
"""Seconds that a child process gets to exit after its pipe has ended. After that time, it is killed."""
_TAIL = 2_000
"""Maximum bytes at the end of a child's stderr in which the last line is looked for."""


def python(*arguments: str) -> tuple[str, ...]:
    """The command that runs this interpreter with `arguments`."""
    # -P keeps the working folder off the import path, because the folder may be an untrusted repository.
    return (sys.executable, "-P", *arguments)


def main_of(module: str) -> tuple[str, ...]:
    """The command that runs the function `main` of a module.

    The module keeps its name, unlike with `python -m`, so that the classes in it can be pickled.
    """
    return python("-c", f"from {module} import main; main()")


def environment() -> dict[str, str]:
    """This process's environment, with its import path, so that a child process imports the same modules."""
    home = str(Path(__file__).parents[1])
    paths = [os.path.abspath(path) for path in sys.path if path and os.path.exists(path)]  # noqa: PTH100, PTH110
    if home not in paths:
        paths.insert(0, home)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended.

    `code` is its exit code, which is negative for a signal. `words` is the last line that it wrote to stderr,
    if stderr was captured. `late` says that it was killed because it took too long.
    """

    code: int
    words: str = ""
    late: bool = False

    @property
    def timed_out(self) -> bool:
        """Whether the process took too long, by the parent's clock or by its own limit of CPU time."""
        return self.late or self.code == -signal.SIGPROF

    @property
    def reason(self) -> str:
        """How the process ended, in words."""
        how = f"signal {-self.code}" if self.code < 0 else f"exit code {self.code}"
        return f"{how} {self.words}".strip()


class ChildDied(Exception):
    """A child process ended before it sent a message. `exit` says how."""

    def __init__(self, exit: Exit) -> None:
        super().__init__(exit.reason)
        self.exit = exit


class ChildProcess:
    """A child process with pipes to its stdin and stdout. The end of the pipes tells it that we have ended.

    It has a process group of its own, so that Ctrl-C and Ctrl-Z in a terminal reach only this process, and so
    that processes that it has started are killed with it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        nice: int = 0,
        variables: Mapping[str, str] | None = None,
        captures_stderr: bool = False,
    ) -> None:
        """Start `command` with `variables` in its environment. `nice` is added to the niceness.

        If `captures_stderr` is set, `Exit.words` is the last line of stderr. Otherwise the process shares our
        stderr. Raises CorneaError if the process cannot be started; `name` names it in the message.
        """
        self._stderr: IO[bytes] | None = None
        try:
            self._stderr = _temporary_file() if captures_stderr else None
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=environment() | dict(variables or {}),
                process_group=0,
            )
        except OSError as error:
            if self._stderr is not None:
                self._stderr.close()
            advice = limits.remedy(error.errno) or "end some other programs"
            raise CorneaError(f"cannot start {name}: {error}; {advice}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        self._exit: Exit | None = None
        if nice:
            ours = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self.pid, min(ours + nice, _MAX_NICENESS))

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def send(self, message: Any) -> None:
        """Send a message. If the process is dead, does nothing; `receive` reports the death."""
        import pickle  # those who only start a process do not need it

        with suppress(OSError, ValueError):
            pickle.dump(message, self._to, protocol=5)
            self._to.flush()

    def receive(self, seconds: float | None = None) -> Any:
        """The next message. Raises ChildDied if the process ended, or sent nothing for `seconds`."""
        import pickle

        try:
            if seconds is not None and not self._has_message(seconds):
                raise ChildDied(self.end(late=True))
            return pickle.load(self._from)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            raise ChildDied(self.end(_EXIT_SECONDS)) from None

    def _has_message(self, seconds: float) -> bool:
        """Wait up to `seconds` for a message. Returns whether one has begun to arrive."""
        # `select` does not see what was read from the pipe together with the previous message.
        handle = self._from.fileno()
        os.set_blocking(handle, False)
        try:
            buffered = cast("BufferedReader", self._from).peek()
        finally:
            os.set_blocking(handle, True)
        return bool(buffered or select.select([handle], [], [], seconds)[0])

    def read(self, seconds: float) -> tuple[bytes, Exit]:
        """All that the process writes to stdout, and how it ended. It is killed after `seconds`."""
        until, output = time.monotonic() + seconds, b""
        while select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]:
            chunk = os.read(self._from.fileno(), 1 << 16)
            if not chunk:
                return output, self.end(_EXIT_SECONDS)
            output += chunk
        return output, self.end(late=True)

    def wait(self) -> None:
        """Wait until the process has ended."""
        self._process.wait()

    def kill(self) -> None:
        """Kill the process and the processes that it has started. `end` must be called afterwards."""
        if self._exit is None:
            # All may be dead already. macOS then reports a missing permission.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def end(self, seconds: float = 0.0, *, late: bool = False) -> Exit:
        """Wait `seconds` for the end of the process, then kill it, and close the pipes. May be called again.

        `late` becomes an attribute of the result.
        """
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()
        code = self._process.wait()
        for pipe in (self._to, self._from):
            with suppress(OSError):  # unsent data for a dead process
                pipe.close()
        if self._exit is None:
            self._exit = Exit(code, last_line(self._stderr) if self._stderr is not None else "", late)
            if self._stderr is not None:
                self._stderr.close()
        return self._exit


def last_line(file: IO[bytes]) -> str:
    """The last line of a file that is not blank. Returns "" if there is none near the end."""
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - _TAIL))
    lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _temporary_file() -> IO[bytes]:
    import tempfile  # needed for few processes

    return tempfile.TemporaryFile()
