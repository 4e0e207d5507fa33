"""Reports the progress of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

Listener = Callable[[str, int, int], None]
"""Takes the current task, the number of finished steps, and the total number (0 if unknown)."""

Say = Callable[[str], None]
"""Takes a line about the progress."""

T = TypeVar("T")

_listeners: list[Listener] = []


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """A context in which `listener` is called for every step."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def each(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield the items, and report progress before each item and at the end."""
    if total is None:
        total = len(items) if isinstance(items, Sized) else 0
    done = 0
    for item in items:
        _tell(what, done, total)
        yield item
        done += 1
    _tell(what, done, total)


def _tell(what: str, done: int, total: int) -> None:
    for listener in _listeners:
        listener(what, done, total)
