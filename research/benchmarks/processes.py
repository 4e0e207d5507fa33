"""Runs the `cornea` command in separate processes and measures time and memory."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.child_process import environment, python
from indexer.errors import CorneaError

from .runs import require

_INTERVAL = 0.02
_TEXT = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


@dataclass(frozen=True, slots=True)
class Done:
    """The elapsed seconds, the peak resident MB including child processes, and the standard output."""

    seconds: float
    megabytes: float
    out: str


class Peak:
    """Samples the resident memory of a process and its children every 20 ms, and keeps the peak in MB."""

    def __init__(self, pid: int) -> None:
        self._library = require("psutil")
        self._pid, self._megabytes = pid, 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Stop sampling, and return the peak."""
        self._done.set()
        self._thread.join()
        return self._megabytes

    def _watch(self) -> None:
        while not self._done.wait(_INTERVAL):
            try:
                root = self._library.Process(self._pid)
                family = [root, *root.children(recursive=True)]
            except self._library.Error:
                return
            self._megabytes = max(self._megabytes, sum(map(self._resident, family)) / 1e6)

    def _resident(self, process: Any) -> int:
        try:
            return int(process.memory_info().rss)
        except self._library.Error:
            return 0


def cornea(arguments: Sequence[str], tree: Path, home: Path) -> Done:
    """Run one command in `tree`, with indexes in `home`. Raises CorneaError if the command fails."""
    started = time.perf_counter()
    with running(["-C", str(tree), *arguments], home, **_TEXT) as process:
        peak = Peak(process.pid)
        out, err = process.communicate()
        seconds = time.perf_counter() - started
        if process.returncode not in (0, 1):
            raise _failure(arguments, err)
        return Done(seconds, peak.stop(), out)


def batch(
    arguments: Sequence[str], requests: Iterable[Mapping[str, Any]], tree: Path, home: Path
) -> tuple[list[float], float]:
    """Send requests to one process, one at a time.

    Returns the milliseconds of each request, and the peak resident MB of the process. `arguments` are a
    command that has the option `--batch`. `requests` are the input lines of the command, without ids.
    """
    times: list[float] = []
    arguments = [*arguments, "--batch", "-", "--json", "--no-refresh"]
    with running(["-C", str(tree), *arguments], home, **_TEXT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        peak = Peak(process.pid)
        for number, request in enumerate(requests):
            started = time.perf_counter()
            process.stdin.write(json.dumps({"id": str(number), **request}) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            times.append((time.perf_counter() - started) * 1000)
            if not answer or "error" in json.loads(answer):
                raise _failure(arguments, answer or process.stderr.read())
        process.stdin.close()
        process.wait()
        return times, peak.stop()


@contextmanager
def running(arguments: Sequence[str], home: Path, **pipes: Any) -> Iterator[subprocess.Popen[Any]]:
    """A context in which a process runs `cornea ARGUMENTS` with its indexes in `home`.

    If the process still runs at the end of the context, it is killed.
    """
    command = python("-m", "cornea", *arguments)
    process = subprocess.Popen(command, env=environment() | {"CORNEA_HOME": str(home)}, **pipes)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with suppress(OSError):  # closing stdin may fail to flush what the process did not read
                    stream.close()


def _failure(arguments: Sequence[str], said: str) -> CorneaError:
    last = (said.strip().splitlines() or ["no message"])[-1]
    return CorneaError(f"`cornea {' '.join(arguments)}` failed: {last}; run this command to see why")
