"""How tests wait, and how they judge speed, on a machine that may be busy.

A test waits for an event: a line, an answer, the end of a process. Its limit is only there to end a test that
hangs, so it is `LIMIT` everywhere. A test about speed counts processor time, which a busy machine does not
change much, and never the clock.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil

LIMIT = 1_500.0
"""Seconds after which a test stops waiting. `timeout` in pyproject.toml is higher, or it would hide why."""


def until(met: Callable[[], Any], seconds: float = LIMIT, pause: float = 0.01) -> Any:
    """The value of `met()` as soon as it is true; it is called every `pause` seconds."""
    end = time.monotonic() + seconds
    while not (found := met()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(pause)
    return found


async def until_in_loop(met: Callable[[], Any], pause: float = 0.02) -> Any:
    """The same while an event loop runs; `met` may be a coroutine function."""
    end = time.monotonic() + LIMIT
    while True:
        found = met()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(pause)


def processor_seconds() -> float:
    """CPU seconds of this process, and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def processor_time_below(seconds: float) -> Iterator[None]:
    """The block may take so many CPU seconds; what it starts counts once it has ended."""
    before = processor_seconds()
    yield
    used = processor_seconds() - before
    assert used < seconds, f"it took {used:.2f} s of processor time"


@contextmanager
def process_time_below(seconds: float, *pids: int) -> Iterator[None]:
    """These processes, which go on living, may take so many CPU seconds together during the block."""

    def spent() -> float:
        times = [psutil.Process(pid).cpu_times() for pid in pids]
        return sum(one.user + one.system for one in times)

    before = spent()
    yield
    used = spent() - before
    assert used < seconds, f"they took {used:.2f} s of processor time"
