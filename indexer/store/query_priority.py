"""Gives queries priority over index updates in a process that runs both.

The engine holds the interpreter lock while it writes: for some milliseconds per slice of points, and during a
flush for as long as the disk takes. So an update waits between two slices while a query runs, and it flushes
between queries.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

MAX_WAIT_SECONDS = 0.25
"""Longest time in seconds that an update waits for queries, because constant queries must not stop it."""
IDLE_SECONDS = 0.5
"""Seconds after the last query from which the process counts as idle."""


class QueryPriority:
    """Counts the running queries. Without queries, no update ever waits. Safe to use from several threads."""

    def __init__(self) -> None:
        self._waiting = self._answered = 0
        self._last = float("-inf")
        self._change = Condition()

    @contextmanager
    def query(self) -> Iterator[None]:
        """A context in which a query runs."""
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

    def yield_to_queries(self) -> None:
        """Wait until no query is running, for at most MAX_WAIT_SECONDS."""
        if self._waiting:
            with self._change:
                self._change.wait_for(lambda: not self._waiting, MAX_WAIT_SECONDS)

    def wait_for_idle(self) -> None:
        """Wait until a query has just finished or the process is idle, for at most MAX_WAIT_SECONDS.

        Right after the end of a query, the time until the next query is likely to be long.
        """
        with self._change:
            before = self._answered
            self._change.wait_for(
                lambda: self.is_idle or (self._answered > before and not self._waiting), MAX_WAIT_SECONDS
            )

    @property
    def has_queries(self) -> bool:
        """Whether this process answers queries, or has answered one."""
        return bool(self._waiting or self._answered)

    @property
    def is_idle(self) -> bool:
        """Whether no query is running, and the last query finished more than IDLE_SECONDS ago."""
        return not self._waiting and time.monotonic() - self._last > IDLE_SECONDS
