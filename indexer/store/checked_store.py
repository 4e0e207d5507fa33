"""What both engines' stores do alike: check all input, split writes, order answers and translate errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from ..errors import StoreError, Unsupported
from . import EVERYTHING, Filter, Leg, Point, Record, Scored, StoreConfig, ranked
from .validate import (
    check_delete,
    check_facet,
    check_filter,
    check_ids,
    check_leg,
    check_points,
    is_empty_query,
)

T = TypeVar("T")

SCROLL_PAGE = 1000
"""Points per request of a scroll."""


class CheckedStore(ABC):
    """A `Store` around one engine. A subclass makes the calls of its engine, with input that was checked.

    Each call runs in the context of `_call`. The objects that the engine returns have the attributes `id`,
    `score` and `payload`. `error_for` makes the error to raise, from what was done
    and the engine's error.
    """

    def __init__(self, config: StoreConfig, error_for: Callable[[str, BaseException], StoreError]) -> None:
        self._config, self._error_for = config, error_for
        self._closed = False

    def upsert(self, points: Sequence[Point]) -> None:
        check_points(points, self._config.dim)
        for batch in list(self._batches(points)):
            with self._call("write points to"):
                self._upsert(batch)

    def amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        check_ids([id for id, _ in changes])
        with self._call("change points in"):
            self._amend(changes)

    def delete(self, where: Filter) -> None:
        check_delete(where)
        with self._call("delete points from"):
            self._delete(where)

    def query(self, legs: Sequence[Leg]) -> list[list[Scored]]:
        for leg in legs:
            check_leg(leg, self._config.dim)
        asked = [leg for leg in legs if not is_empty_query(leg)]
        with self._call("search"):
            answers = iter(self._query(asked) if asked else ())
            return [[] if is_empty_query(leg) else ranked(map(_scored, next(answers))) for leg in legs]

    def fetch(self, ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Record]:
        check_ids(ids)
        with self._call("read points from"):
            found = self._fetch(list(dict.fromkeys(ids)), _selected(fields))
            records = {record.id: record for record in map(_record, found)}
        return [records[id] for id in ids if id in records]

    def scroll(self, where: Filter, fields: Sequence[str] | None = None) -> Iterator[Record]:
        check_filter(where)
        return self._pages(where, _selected(fields))

    def _pages(self, where: Filter, fields: bool | list[str]) -> Iterator[Record]:
        offset: Any = None
        while True:
            with self._call("read points from"):
                page, offset = self._scroll(where, fields, offset)
                records = [_record(record) for record in page]
            yield from records
            if offset is None:
                return

    def count(self, where: Filter = EVERYTHING) -> int:
        check_filter(where)
        with self._call("count points in"):
            return self._count(where)

    def facet(self, field: str, where: Filter = EVERYTHING) -> dict[str, int]:
        check_facet(field)
        check_filter(where)
        with self._call("count values in"):
            return {str(hit.value): hit.count for hit in self._facet(field, where).hits}

    @contextmanager
    def _call(self, doing: str) -> Iterator[None]:
        """The context of every call of the engine: refuses a closed store and translates errors."""
        if self._closed:
            raise self._error_for(doing, StoreError("it was closed; open it again"))
        with translated(partial(self._error_for, doing)):
            yield

    @abstractmethod
    def _batches(self, points: Sequence[Point]) -> Iterator[Sequence[Point]]:
        """The points, split into parts that the engine writes in one call."""

    @abstractmethod
    def _upsert(self, points: Sequence[Point]) -> None: ...

    @abstractmethod
    def _amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None: ...

    @abstractmethod
    def _delete(self, where: Filter) -> None: ...

    @abstractmethod
    def _query(self, legs: Sequence[Leg]) -> Iterable[Iterable[Any]]:
        """The engine's scored points for each leg."""

    @abstractmethod
    def _fetch(self, ids: list[str], fields: bool | list[str]) -> Iterable[Any]:
        """The engine's records with these ids, in any order."""

    @abstractmethod
    def _scroll(self, where: Filter, fields: bool | list[str], offset: Any) -> tuple[Iterable[Any], Any]:
        """A page of at most SCROLL_PAGE of the engine's records, and the offset of the next page or None."""

    @abstractmethod
    def _count(self, where: Filter) -> int: ...

    @abstractmethod
    def _facet(self, field: str, where: Filter) -> Any:
        """The engine's answer, whose `hits` have the attributes `value` and `count`."""


@contextmanager
def translated(error_for: Callable[[BaseException], StoreError]) -> Iterator[None]:
    """Translate an engine's exceptions and panics with `error_for`. Interrupts and exits pass unchanged."""
    try:
        yield
    except (StoreError, Unsupported):
        raise
    except BaseException as error:
        # A panic of the embedded engine is not an Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise error_for(error) from error


def batches(
    items: Sequence[T], most: int, weigh: Callable[[T], int] = lambda item: 0, heaviest: int = 0
) -> Iterator[Sequence[T]]:
    """The items in batches of at most `most` items, and at most `heaviest` in total by `weigh`.

    An item that is heavier by itself is a batch of its own.
    """
    start = total = 0
    for end, weight in enumerate(map(weigh, items)):
        if end > start and (end - start == most or total + weight > heaviest):
            yield items[start:end]
            start, total = end, 0
        total += weight
    if items:
        yield items[start:]


def _selected(fields: Sequence[str] | None) -> bool | list[str]:
    """The payload fields to read, in the form that both engines expect: True means all fields."""
    return True if fields is None else list(fields)


def _scored(point: Any) -> Scored:
    return Scored(str(point.id), point.score)


def _record(record: Any) -> Record:
    return Record(str(record.id), dict(record.payload or {}))
