"""Handles SIGTERM like Ctrl-C: the command ends and keeps what is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """SIGTERM was received: from `kill`, a service manager, or a container that is being stopped."""


@contextmanager
def terminable() -> Iterator[None]:
    """Within the block, SIGTERM raises Terminated. Does nothing in other threads, or if there is a handler.

    Otherwise the process would end at once and lose what it has not flushed; as the first process of a
    container it would ignore the signal.
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
