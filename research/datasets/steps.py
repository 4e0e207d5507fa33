"""How far a benchmark is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

Listener = Callable[[str, int, int], None]
"""Is called with what is done now, how many are done, and how many there are (0 where nobody knows)."""

T = TypeVar("T")

_listeners: list[Listener] = []


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell `listener` of every step that is taken inside."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def each(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """The items, one after the other; before each, and at the end, it is told how many are done."""
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
