"""SIGTERM as an end that keeps what is done, like Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """SIGTERM came: from `kill`, a service manager, or a container that is stopped."""


@contextmanager
def terminable() -> Iterator[None]:
    """While inside, SIGTERM raises Terminated; where nothing else was wanted of it, in the main thread.

    Without it the process would end at once, and lose what it has not made durable; as the first process of
    a container it would not even hear the signal.
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
