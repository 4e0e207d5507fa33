"""Handles SIGTERM like Ctrl-C: the command ends and keeps what it has done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """The process received SIGTERM, for example from `kill`, a service manager or a container's runtime."""


@contextmanager
def terminable() -> Iterator[None]:
    """A context in which SIGTERM raises Terminated.

    Without this context, the process would end at once and lose what it has not flushed; the first process of
    a container would ignore the signal. The context has no effect if SIGTERM has a handler already, or in
    other threads than the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    if before is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
