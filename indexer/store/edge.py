"""The embedded engine, qdrant-edge: a shard in a folder, in this process.

The engine holds the interpreter lock during every call. Its panics are not an `Exception`, it hangs after a
fork, and it kills the process if the disk is full. So every write checks the disk space first, and every call
runs inside `EdgeStore._engine`, which refuses a forked process and translates errors. Only this module
imports the engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import qdrant_edge as engine

from .. import limits
from ..errors import StoreBusy, StoreDamaged, StoreError, first_line
from ..limits import ENGINE_BYTES, check_space
from .lock import erase_owner, read_owner, write_owner
from .shard_files import holds_shard, write_back
from .types import (
    DENSE,
    EVERYTHING,
    INDEXED_FIELDS,
    SPARSE,
    Condition,
    Filter,
    HasId,
    HasPrefix,
    Leg,
    Point,
    Record,
    Scored,
    SparseVector,
    StoreConfig,
    Value,
    ranked,
    selected,
)
from .validate import (
    by_type,
    check_delete,
    check_facet,
    check_filter,
    check_ids,
    check_leg,
    check_points,
    is_empty_query,
)

UPSERT_BATCH = 512
"""Points per call of the engine. During such a call, other threads wait for about 20 ms."""

FULL_SCAN_POINTS = 64
"""If at most this many points pass a sparse leg's filter, the engine scores each; else it reads postings."""

SCROLL_PAGE = 1000
"""Points per request of a scroll."""
FACET_LIMIT = 1_000_000_000


class EdgeStore:
    """A `Store` in a folder. Safe to use from several threads. A forked child process cannot use it."""

    def __init__(self, shard: engine.EdgeShard, config: StoreConfig) -> None:
        self._shard = shard
        self._config = config
        self._pid = os.getpid()
        self._closed = False
        self._written = False

    @classmethod
    def open(cls, config: StoreConfig) -> EdgeStore:
        """Open the shard in `config.folder`, or create it if there is none.

        Raises StoreBusy if another process holds the shard. Raises StoreDamaged if the shard is damaged, or
        if the folder holds something other than a shard. Raises DiskFull if there is too little space, and
        StoreError for other failures.
        """
        folder = config.folder
        fresh = not holds_shard(folder)
        # An existing shard is opened even if less than the reserve is free, so that searches still work.
        check_space(folder, max(config.reserve_bytes, ENGINE_BYTES) if fresh else ENGINE_BYTES)
        limits.check_addresses(folder)
        with _translated("open what is", folder, opening=True):
            if fresh:
                folder.mkdir(parents=True, exist_ok=True)
                shard = engine.EdgeShard.create(str(folder), _schema(config.dim))
            else:
                shard = engine.EdgeShard.load(str(folder), _schema(config.dim))
            _index_fields(shard)
            write_owner(folder)
        return cls(shard, config)

    def upsert(self, points: Sequence[Point]) -> None:
        check_points(points, self._config.dim)
        for start in range(0, len(points), UPSERT_BATCH):
            check_space(self._config.folder, max(self._config.reserve_bytes, ENGINE_BYTES))
            with self._engine("write points"):
                self._written = True
                batch = [_point(point) for point in points[start : start + UPSERT_BATCH]]
                self._shard.update(engine.UpdateOperation.upsert_points(batch))

    def amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        check_ids([id for id, _ in changes])
        check_space(self._config.folder, ENGINE_BYTES)
        with self._engine("change points"):
            self._written = True
            for id, fields in changes:
                self._shard.update(engine.UpdateOperation.set_payload([id], dict(fields)))

    def delete(self, where: Filter) -> None:
        check_delete(where)
        check_space(self._config.folder, ENGINE_BYTES)
        with self._engine("delete points"):
            self._written = True
            self._shard.update(engine.UpdateOperation.delete_points_by_filter(_filter(where)))

    def query(self, legs: Sequence[Leg]) -> list[list[Scored]]:
        for leg in legs:
            check_leg(leg, self._config.dim)
        asked = [leg for leg in legs if not is_empty_query(leg)]
        with self._engine("search"):
            requests = [_request(leg) for leg in asked]
            answers = iter(self._shard.query_batch(engine.QueryBatchRequest(requests)))
        return [[] if is_empty_query(leg) else ranked(map(_scored, next(answers))) for leg in legs]

    def fetch(self, ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Record]:
        check_ids(ids)
        with self._engine("read points"):
            found = self._shard.retrieve(list(dict.fromkeys(ids)), selected(fields), False)
            records = {record.id: record for record in map(_record, found)}
        return [records[id] for id in ids if id in records]

    def scroll(self, where: Filter, fields: Sequence[str] | None = None) -> Iterator[Record]:
        check_filter(where)
        return self._pages(where, fields)

    def _pages(self, where: Filter, fields: Sequence[str] | None) -> Iterator[Record]:
        offset: Any = None
        while True:
            with self._engine("read points"):
                page, offset = self._shard.scroll(
                    engine.ScrollRequest(
                        offset=offset,
                        limit=SCROLL_PAGE,
                        filter=_filter(where),
                        with_payload=selected(fields),
                        with_vector=False,
                    )
                )
                records = [_record(record) for record in page]
            yield from records
            if offset is None:
                return

    def count(self, where: Filter = EVERYTHING) -> int:
        check_filter(where)
        with self._engine("count points"):
            return self._shard.count(engine.CountRequest(exact=True, filter=_filter(where)))

    def facet(self, field: str, where: Filter = EVERYTHING) -> dict[str, int]:
        check_facet(field)
        check_filter(where)
        with self._engine("count values"):
            request = engine.FacetRequest(field, limit=FACET_LIMIT, exact=True, filter=_filter(where))
            return {str(hit.value): hit.count for hit in self._shard.facet(request).hits}

    def flush(self, wait_for_idle: Callable[[], None] | None = None) -> None:
        if wait_for_idle is not None:
            write_back(self._config.folder)
            wait_for_idle()
        with self._engine("write to disk"):
            self._shard.flush()

    def close(self) -> None:
        if self._closed or self._pid != os.getpid():
            return
        try:
            if self._written:  # a flush takes 30 ms, and is needed only after a write
                self.flush()
        finally:
            self._closed = True
            erase_owner(self._config.folder)
            with _translated("close", self._config.folder):
                self._shard.close()

    @contextmanager
    def _engine(self, doing: str) -> Iterator[None]:
        """The context of every call of the engine: refuses a closed or forked store and translates errors."""
        if self._closed:
            raise StoreError(f"cannot {doing}: the index {self._config.folder} was closed; open it again")
        if self._pid != os.getpid():
            raise StoreError(
                f"cannot {doing} in a forked process: open the index there, or spawn instead of fork"
            )
        with _translated(doing, self._config.folder):
            yield


def compact(config: StoreConfig) -> int:
    """Rewrite a shard without its deleted points. Returns the number of points that are left.

    Nothing else may use the shard at the same time. Call this function in a separate process, because the
    engine blocks all threads for some seconds. No graph is built for the dense vectors, because building one
    would take long, and without it a scan of 100,000 fragments takes only 5 ms.
    """
    folder = str(config.folder)
    with _translated("compact", config.folder):
        shard = engine.EdgeShard.load(folder, _schema(config.dim, compact=True))
        shard.optimize()
        shard.flush()
        shard.close()
        shard = engine.EdgeShard.load(folder, _schema(config.dim))
        points = int(shard.info().points_count)
        shard.close()
    return points


@contextmanager
def _translated(doing: str, folder: Path, opening: bool = False) -> Iterator[None]:
    """Translate the engine's exceptions and panics into a StoreError. Interrupts and exits pass unchanged."""
    try:
        yield
    except BaseException as error:
        panic = type(error).__name__ == "PanicException"
        if isinstance(error, StoreError) or not (panic or isinstance(error, Exception)):
            raise
        # All input was checked before the call, so an internal error of the engine means damaged files.
        inner = panic or str(error).startswith("Service runtime error")
        raise _store_error(doing, folder, error, damaged=inner or opening) from error


def _store_error(doing: str, folder: Path, error: BaseException, damaged: bool) -> StoreError:
    """The error to raise for a failure of the engine. Only the text of `error` tells the kind of failure."""
    text, said = str(error), first_line(error, 300)
    if "WouldBlock" in text:
        owner = read_owner(folder)
        return StoreBusy(
            f"the index {folder} is held by {owner or 'another process'}: wait until it is done or stop it, "
            f"then run the command again",
            pid=owner.pid if owner else None,
        )
    if limited := limits.limit_error(limits.limit_in_message(text), f"cannot {doing} in the index {folder}"):
        return type(limited)(f"{limited} ({said})")
    if "Permission denied" in text:
        advice = "check the permissions of that folder"
        return StoreError(f"cannot {doing} in the index {folder}: {advice} ({said})")
    if damaged and not isinstance(error, OSError):
        return StoreDamaged(
            f"the index {folder} is damaged or of another version: delete that folder and run `cornea index` "
            f"({said})"
        )
    return StoreError(f"cannot {doing} in the index {folder}: {said}")


def _schema(dim: int, *, compact: bool = False) -> engine.EdgeConfig:
    """The shard's configuration. The write-ahead log stays on, because it also locks out other processes."""
    no_graph = engine.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000)
    rewriting = engine.EdgeOptimizersConfig(
        deleted_threshold=0.01, vacuum_min_vector_number=1, default_segment_number=1, indexing_threshold=1
    )
    dense = engine.EdgeVectorParams(
        size=dim,
        distance=engine.Distance.Cosine,
        # float16 takes half the memory and two thirds of the time of float32. Scores differ by < 0.0001.
        datatype=engine.VectorStorageDatatype.Float16,
        hnsw_config=no_graph if compact else None,
    )
    sparse = engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf, full_scan_threshold=FULL_SCAN_POINTS)
    return engine.EdgeConfig(
        vectors={DENSE: dense},
        sparse_vectors=dict.fromkeys(SPARSE, sparse),
        # With Cold, the default, the first read of every payload is a page fault.
        payload_memory=engine.Memory.Cached,
        # A shard has one large segment, so more threads would only add overhead.
        max_search_threads=1,
        optimizers=rewriting if compact else None,
    )


def _index_fields(shard: engine.EdgeShard) -> None:
    """Create the payload indexes that are missing, as in a new shard or after an interrupted creation."""
    present = shard.info().payload_schema
    for field in INDEXED_FIELDS:
        if field not in present:
            keyword = engine.PayloadSchemaType.Keyword
            shard.update(engine.UpdateOperation.create_field_index(field, keyword))


def _point(point: Point) -> engine.Point:
    # The engine reads lists twice as fast as arrays.
    vectors: dict[str, Any] = {name: _sparse(vector) for name, vector in point.sparse.items() if len(vector)}
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    return engine.Point(point.id, vectors, dict(point.payload))


def _sparse(vector: SparseVector) -> engine.SparseVector:
    return engine.SparseVector(vector.indices.tolist(), vector.values.tolist())


def _request(leg: Leg) -> engine.QueryRequest:
    vector = _sparse(leg.vector) if isinstance(leg.vector, SparseVector) else leg.vector.tolist()
    corpus = None if leg.corpus is None else engine.IdfParams(corpus=_filter(leg.corpus))
    filtered = leg.where != EVERYTHING
    return engine.QueryRequest(
        limit=leg.limit,
        query=engine.Query.Nearest(vector, using=leg.using),
        filter=_filter(leg.where) if filtered else None,
        params=engine.SearchParams(exact=leg.using == DENSE and filtered, idf=corpus),
    )


def _filter(where: Filter) -> engine.Filter:
    return engine.Filter(
        must=[_condition(condition) for condition in where.must],
        must_not=[_condition(condition) for condition in where.must_not],
    )


def _condition(condition: Condition) -> Any:
    if isinstance(condition, HasId):
        return engine.HasIdCondition(set(condition.ids))
    if isinstance(condition, HasPrefix):
        return engine.FieldCondition(condition.field, match=engine.MatchPrefix(condition.prefix))
    # Return a plain condition if possible: a nested filter takes four times as long, and a list of one value
    # takes twice as long.
    matches = [match for group in by_type(condition.values) for match in _matches(group)]
    conditions: list[Any] = [engine.FieldCondition(condition.field, match=match) for match in matches]
    if len(conditions) == 1:
        return conditions[0]
    return engine.Filter(should=conditions) if conditions else engine.HasIdCondition(set())


def _matches(values: Sequence[Value]) -> list[Any]:
    """The engine's conditions that together accept any of `values`, which all have the same type."""
    if isinstance(values[0], bool):
        # The engine takes Python's bool for an integer, but not numpy's.
        return [engine.MatchValue(cast(bool, np.bool_(value))) for value in values]
    if len(values) == 1:
        return [engine.MatchValue(values[0])]
    return [engine.MatchAny(cast(list[str], list(values)))]


def _scored(point: engine.ScoredPoint) -> Scored:
    return Scored(str(point.id), point.score)


def _record(record: engine.Record) -> Record:
    return Record(str(record.id), record.payload or {})
