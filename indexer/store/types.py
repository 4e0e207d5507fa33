"""The types of the store: points with named vectors, filters, legs of a query, and the protocol `Store`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:  # numpy takes 100 ms to import, and a run that finds nothing to do does not need it
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = 5
"""Raised whenever vectors, fields, weights or ids change, so that old points would give other answers."""

DENSE = "dense"
"""Name of the dense vector (cosine)."""

SPARSE = ("lexical", "file")
"""Names of the sparse vectors (engine-side IDF): a fragment's terms, and a whole file's."""

INDEXED_FIELDS = ("kind", "path", "language", "name")
"""Payload fields with a keyword index: filters on them are fast."""

TENANT = "repo"
"""The field with the repository's name; indexed on a server, where several repositories share a store."""

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Sorted, unique uint32 `indices` [n] with finite float32 `values` [n]."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, slots=True)
class Point:
    """A stored point: a UUID, a JSON payload, at most one dense vector [dim], and sparse vectors by name.

    A text without tokens has no dense vector. Empty sparse vectors are left out.
    """

    id: str
    payload: Mapping[str, Any]
    dense: NDArray[np.float32] | None = None
    sparse: Mapping[str, SparseVector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """The payload field equals one of `values` (a list-valued field: one of its elements does)."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class HasId:
    """The point's id is one of `ids`."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasPrefix:
    """The text in the payload field begins with `prefix`, character by character."""

    field: str
    prefix: str


Condition = Match | HasId | HasPrefix


@dataclass(frozen=True, slots=True)
class Filter:
    """All of `must` and none of `must_not`."""

    must: tuple[Condition, ...] = ()
    must_not: tuple[Condition, ...] = ()

    def __and__(self, other: Filter) -> Filter:
        return Filter(self.must + other.must, self.must_not + other.must_not)


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Leg:
    """A request for one ranked list.

    `using` names the vector. `corpus` selects the points whose document frequencies weigh the terms of a
    sparse leg; without it, the engine uses all points, including deleted ones.
    """

    vector: NDArray[np.float32] | SparseVector
    using: str
    limit: int
    where: Filter = EVERYTHING
    corpus: Filter | None = None


class Scored(NamedTuple):  # a query makes hundreds, and a frozen dataclass takes three times as long
    """A point's id and its score on one leg (higher is better)."""

    id: str
    score: float


def ranked(points: Iterable[Scored]) -> list[Scored]:
    """The points by falling score, equal ones by id: the same order on every engine."""
    return sorted(points, key=lambda point: (-round(point.score, 6), point.id))


def selected(fields: Sequence[str] | None) -> bool | list[str]:
    """These fields of the payload, or all of it, as both engines take it."""
    return True if fields is None else list(fields)


@dataclass(frozen=True, slots=True)
class Record:
    """A stored point without its vectors."""

    id: str
    payload: dict[str, Any]


class Store(Protocol):
    """Points of one schema. Safe to call from several threads; every error is a `StoreError`."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert or replace; idempotent. A malformed vector raises StoreError *before* the engine sees it."""

    def amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Set payload fields of points, given by id; other fields and the vectors stay."""

    def delete(self, where: Filter) -> None:
        """Delete all points that match; an empty filter is refused."""

    def query(self, legs: Sequence[Leg]) -> list[list[Scored]]:
        """One ranked list per leg, each in the order of `ranked`; filtered dense legs are exact.

        An empty or all-zero vector gets an empty list.
        """

    def fetch(self, ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Record]:
        """The points with these ids, in their order; unknown ids are left out.

        `fields` limits the payload to these fields.
        """

    def scroll(self, where: Filter, fields: Sequence[str] | None = None) -> Iterator[Record]:
        """All points that match, by id."""

    def count(self, where: Filter = EVERYTHING) -> int:
        """The exact number of points that match."""

    def facet(self, field: str, where: Filter = EVERYTHING) -> dict[str, int]:
        """The number of points for each value of an indexed field."""

    def flush(self, wait_for_idle: Callable[[], None] | None = None) -> None:
        """Make everything written so far durable.

        With `wait_for_idle`, which waits until no other thread needs the store, do as much as possible before
        calling it, and the rest afterwards.
        """

    def close(self) -> None:
        """Flush and release; may be called twice."""


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the points are.

    `folder` is the folder of the embedded shard. With `url`, the points are in `collection` on a server
    instead (`:memory:` is the client's in-process double, for tests). An embedded store leaves
    `reserve_bytes` of disk space free, and at least the 64 MB that its engine may take at once.
    """

    folder: Path
    dim: int
    url: str = ""
    api_key: str = ""
    collection: str = "cornea"
    reserve_bytes: int = 256 * 1024 * 1024
