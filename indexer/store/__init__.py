"""The store's types: points with named vectors, filters, the legs of a query, and the protocol `Store`.

`storage.open_store` opens a store. There are two, with the same schema and the same answers: `edge.py` uses
the embedded engine, and `server.py` uses a Qdrant server. Only `edge.py` imports the engine, and only
`server.py` the client.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .query_priority import QueryPriority

if TYPE_CHECKING:  # importing numpy takes 100 ms, and an update that finds no change does not need numpy
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = 5
"""Increase this with each change of vectors, fields, weights or ids that makes new points differ from old."""

DENSE = "dense"
"""Name of the dense vector. Dense vectors are compared by cosine."""

SPARSE = ("lexical", "file")
"""Names of the sparse vectors of a fragment and of a whole file. The engine applies IDF to both."""

INDEXED_FIELDS = ("kind", "path", "language", "name")
"""Payload fields with a keyword index, which makes filters on these fields fast."""

TENANT = "repo"
"""The payload field with the repository's name. A server has a keyword index for this field, too."""

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class SparseVector:
    """A sparse vector: sorted, unique uint32 `indices` [n] and finite float32 `values` [n]."""

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
    """The payload field, or one item of a field that is a list, equals one of `values`."""

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
    """A point matches if all conditions of `must` hold and no condition of `must_not` holds."""

    must: tuple[Condition, ...] = ()
    must_not: tuple[Condition, ...] = ()

    def __and__(self, other: Filter) -> Filter:
        return Filter(self.must + other.must, self.must_not + other.must_not)


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Leg:
    """A request for one ranked list.

    `using` names the vector of points to which `vector` is compared. The terms of a sparse leg are weighted
    by IDF. The document frequency of a term is the number of points with this term, among the points that
    `corpus` selects. Without `corpus`, all points count, including deleted points.
    """

    vector: NDArray[np.float32] | SparseVector
    using: str
    limit: int
    where: Filter = EVERYTHING
    corpus: Filter | None = None


class Scored(NamedTuple):  # a query makes hundreds, and making a frozen dataclass takes three times as long
    """A point's id and its score on one leg. A higher score is better."""

    id: str
    score: float


def ranked(points: Iterable[Scored]) -> list[Scored]:
    """The points by falling score, then by id, so that the order is the same on every engine."""
    return sorted(points, key=lambda point: (-round(point.score, 6), point.id))


@dataclass(frozen=True, slots=True)
class Record:
    """A stored point without its vectors."""

    id: str
    payload: dict[str, Any]


class Store(Protocol):
    """Points of one schema. Safe to use from several threads. Every error is a `StoreError`."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert points, or replace points with the same ids. The engine never sees a malformed vector."""

    def amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Set payload fields of points, by id. The other fields and the vectors stay as they are."""

    def delete(self, where: Filter) -> None:
        """Delete all points that match `where`. An empty filter is refused."""

    def query(self, legs: Sequence[Leg]) -> list[list[Scored]]:
        """One list per leg, in the order of `ranked`. A dense leg with a filter is searched exactly.

        A leg whose vector is empty or all zeros gives an empty list.
        """

    def fetch(self, ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Record]:
        """The points with these ids, in their order, without unknown ids. `fields` is as in `scroll`."""

    def scroll(self, where: Filter, fields: Sequence[str] | None = None) -> Iterator[Record]:
        """All points that match `where`, sorted by id. With `fields`, payloads have only these fields."""

    def count(self, where: Filter = EVERYTHING) -> int:
        """The exact number of points that match `where`."""

    def facet(self, field: str, where: Filter = EVERYTHING) -> dict[str, int]:
        """The number of points that match `where`, for each value of an indexed field."""

    def flush(self) -> None:
        """Make all previous writes durable."""

    def close(self) -> None:
        """Flush and close the store. A second call does nothing."""


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the points are.

    `folder` is the folder of the embedded shard. If `url` is set, the points are not in `folder` but in
    `collection` on a server; the `url` `:memory:` selects the Qdrant client's in-process stand-in for a
    server, for tests. An embedded store writes points only if the larger of `reserve_bytes` and ENGINE_BYTES
    (`indexer/limits.py`) is free on the disk. Its writes give way to the queries that `priority` counts.
    """

    folder: Path
    dim: int
    url: str = ""
    api_key: str = ""
    collection: str = "cornea"
    reserve_bytes: int = 256 * 1024 * 1024
    priority: QueryPriority = field(default_factory=QueryPriority, compare=False)
