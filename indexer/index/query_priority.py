"""Who asks goes first: how an update makes way for the questions of a process that does both.

Writing holds the interpreter's lock, for some milliseconds a slice, and for as long as the disk takes to make
it durable. So an update waits between two slices while a question is being answered, and makes durable in a
moment of quiet.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

PATIENCE_SECONDS = 0.25
"""An update waits no longer than so for a question, or it would never end where there are many."""
QUIET_SECONDS = 0.5
"""So long after a question nobody is likely to ask the next one at once."""


class Courtesy:
    """Knows whether anybody waits for an answer. It may be used from several threads."""

    def __init__(self) -> None:
        self._waiting = self._answered = 0
        self._last = float("-inf")
        self._change = Condition()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """While inside, somebody waits for an answer."""
        with self._change:
            self._waiting += 1
        try:
            yield
        finally:
            with self._change:
                self._waiting -= 1
                self._answered += 1
                self._last = time.monotonic()
                self._change.notify_all()

    def make_way(self) -> None:
        """Wait until nobody waits for an answer, for PATIENCE_SECONDS at most."""
        if self._waiting:
            with self._change:
                self._change.wait_for(lambda: not self._waiting, PATIENCE_SECONDS)

    def lull(self) -> None:
        """Wait until the next question is answered, if they come: the one after it is furthest away then."""
        with self._change:
            before = self._answered
            self._change.wait_for(
                lambda: self.quiet or (self._answered > before and not self._waiting), PATIENCE_SECONDS
            )

    @property
    def quiet(self) -> bool:
        """Whether nobody asks, and nobody has for QUIET_SECONDS."""
        return not self._waiting and time.monotonic() - self._last > QUIET_SECONDS
