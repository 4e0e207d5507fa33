"""The embedded engine, qdrant-edge: a shard in a folder, in this process.

The engine holds the interpreter lock during every call. Its panics are not an `Exception`, it hangs after a
fork, and it kills the process if the disk is full. So every write checks the disk space first and gives way
to queries, and every call runs inside `EdgeStore._call`, which refuses a forked process and translates
errors. Only this module imports the engine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import qdrant_edge as engine

from .. import limits
from ..errors import StoreDamaged, StoreError, first_line
from ..limits import ENGINE_BYTES, check_space
from . import DENSE, EVERYTHING, INDEXED_FIELDS, SPARSE, Filter, Leg, Point, StoreConfig
from .checked_store import SCROLL_PAGE, CheckedStore, batches, translated
from .lock import busy, erase_owner, write_owner
from .shard_files import holds_shard, write_back
from .translation import Translator

UPSERT_BATCH = 512
"""Points per call of the engine. During such a call, other threads wait for about 20 ms."""

UPSERT_SLICE = 64
"""Points per call in a process that also answers queries; such a call takes about 10 ms."""

FULL_SCAN_POINTS = 64
"""If at most this many points pass a sparse leg's filter, the engine scores each; else it reads postings."""

FACET_LIMIT = 1_000_000_000


class EdgeStore(CheckedStore):
    """A `Store` in a folder. Safe to use from several threads. A forked child process cannot use it."""

    def __init__(self, shard: engine.EdgeShard, config: StoreConfig) -> None:
        super().__init__(config, partial(_store_error, config.folder))
        self._shard = shard
        self._pid = os.getpid()
        self._written = False

    @classmethod
    def open(cls, config: StoreConfig) -> EdgeStore:
        """Open the shard in `config.folder`, or create it if there is none. Raises as `open_store`."""
        folder = config.folder
        fresh = not holds_shard(folder)
        # An existing shard is opened even if less than the reserve is free, so that searches still work.
        check_space(folder, max(config.reserve_bytes, ENGINE_BYTES) if fresh else ENGINE_BYTES)
        limits.check_addresses(folder)
        with translated(partial(_store_error, folder, "open", opening=True)):
            if fresh:
                folder.mkdir(parents=True, exist_ok=True)
                shard = engine.EdgeShard.create(str(folder), _schema(config.dim))
            else:
                shard = engine.EdgeShard.load(str(folder), _schema(config.dim))
            _index_fields(shard)
            write_owner(folder)
        return cls(shard, config)

    def flush(self) -> None:
        """Make all previous writes durable, between two queries if this process answers queries."""
        if not self._config.priority.is_idle:
            write_back(self._config.folder)
            self._config.priority.wait_for_idle()
        with self._call("flush"):
            self._shard.flush()

    def close(self) -> None:
        if self._closed or self._pid != os.getpid():
            return
        try:
            if self._written:  # a flush takes 30 ms, and is needed only after a write
                with self._call("flush"):
                    self._shard.flush()
        finally:
            self._closed = True
            erase_owner(self._config.folder)
            with translated(partial(self._error_for, "close")):
                self._shard.close()

    @contextmanager
    def _call(self, doing: str) -> Iterator[None]:
        if self._pid != os.getpid():
            raise StoreError(
                f"cannot {doing} the index in a forked process: open it there, or spawn instead of fork"
            )
        with super()._call(doing):
            yield

    def _batches(self, points: Sequence[Point]) -> Iterator[Sequence[Point]]:
        return batches(points, UPSERT_SLICE if self._config.priority.has_queries else UPSERT_BATCH)

    def _upsert(self, points: Sequence[Point]) -> None:
        made = [engine.Point(one.id, _translate.vectors(one), dict(one.payload)) for one in points]
        self._write(engine.UpdateOperation.upsert_points(made), self._config.reserve_bytes)

    def _amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for id, fields in changes:
            self._write(engine.UpdateOperation.set_payload([id], dict(fields)))

    def _delete(self, where: Filter) -> None:
        self._write(engine.UpdateOperation.delete_points_by_filter(_translate.filter(where)))

    def _write(self, operation: Any, reserve_bytes: int = 0) -> None:
        """Run a write between two queries. Raises DiskFull if there is too little space for it."""
        self._config.priority.yield_to_queries()
        check_space(self._config.folder, max(reserve_bytes, ENGINE_BYTES))
        self._written = True
        self._shard.update(operation)

    def _query(self, legs: Sequence[Leg]) -> Iterable[Iterable[engine.ScoredPoint]]:
        return self._shard.query_batch(engine.QueryBatchRequest(list(map(_request, legs))))

    def _fetch(self, ids: list[str], fields: bool | list[str]) -> Iterable[engine.Record]:
        return self._shard.retrieve(cast(list[Any], ids), fields, False)

    def _scroll(
        self, where: Filter, fields: bool | list[str], offset: Any
    ) -> tuple[Iterable[engine.Record], Any]:
        return self._shard.scroll(
            engine.ScrollRequest(
                offset=offset,
                limit=SCROLL_PAGE,
                filter=_translate.filter(where),
                with_payload=fields,
                with_vector=False,
            )
        )

    def _count(self, where: Filter) -> int:
        return self._shard.count(engine.CountRequest(exact=True, filter=_translate.filter(where)))

    def _facet(self, field: str, where: Filter) -> Any:
        return self._shard.facet(
            engine.FacetRequest(field, limit=FACET_LIMIT, exact=True, filter=_translate.filter(where))
        )


def compact(config: StoreConfig) -> int:
    """Rewrite a shard without its deleted points. Returns the number of points that are left.

    Nothing else may use the shard at the same time. Call this function in a separate process, because the
    engine blocks all threads for some seconds. No graph is built for the dense vectors, because building one
    would take long, and without it a scan of 100,000 fragments takes only 5 ms.
    """
    folder = str(config.folder)
    with translated(partial(_store_error, config.folder, "compact")):
        shard = engine.EdgeShard.load(folder, _schema(config.dim, compact=True))
        shard.optimize()
        shard.flush()
        shard.close()
        shard = engine.EdgeShard.load(folder, _schema(config.dim))
        points = int(shard.info().points_count)
        shard.close()
    return points


def _store_error(folder: Path, doing: str, error: BaseException, *, opening: bool = False) -> StoreError:
    """The error to raise for a failure of the engine. Only the text of `error` tells the kind of failure."""
    text, said, what = str(error), first_line(error, 300), f"cannot {doing} the index {folder}"
    # All input was checked before the call, so an internal error or a panic means damaged files.
    damaged = opening or not isinstance(error, Exception) or text.startswith("Service runtime error")
    if "WouldBlock" in text:
        return busy(folder)
    if limited := limits.limit_error(limits.limit_in_message(text), what):
        return type(limited)(f"{limited} ({said})")
    if "Permission denied" in text:
        return StoreError(f"{what}: check the permissions of that folder ({said})")
    if damaged and not isinstance(error, OSError):
        return StoreDamaged(
            f"the index {folder} is damaged or of another version",
            "delete that folder and run `cornea index`",
            said,
        )
    return StoreError(f"{what}: {said}")


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


def _request(leg: Leg) -> engine.QueryRequest:
    corpus = None if leg.corpus is None else engine.IdfParams(corpus=_translate.filter(leg.corpus))
    filtered = leg.where != EVERYTHING
    return engine.QueryRequest(
        limit=leg.limit,
        query=engine.Query.Nearest(_translate.vector(leg), using=leg.using),
        filter=_translate.filter(leg.where) if filtered else None,
        params=engine.SearchParams(exact=leg.using == DENSE and filtered, idf=corpus),
    )


_translate = Translator(
    engine,
    has_id=lambda ids: engine.HasIdCondition(set(ids)),
    # The engine takes Python's bool for an integer, but not numpy's.
    literal=lambda value: np.bool_(value) if isinstance(value, bool) else value,
)
