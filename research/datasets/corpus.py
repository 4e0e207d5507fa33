"""Stores documents in a temporary folder and opens the searcher on them."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.analysis import fragment_points
from indexer.encoding.types import Encoder
from indexer.fragment import Fragment, SourceFile, Span, point_id
from indexer.parsing.source import Source
from indexer.store import Point, Store, StoreConfig
from indexer.store.shard_files import allocated_bytes
from indexer.store.storage import open_store
from retrieval.result import Hit
from retrieval.searcher import Searcher

from .dataset import DatasetDocument
from .steps import each

REPO = "benchmark"
_NAMELESS = "_"
"""A path without words, because the documents of a data set have no path."""
_BATCH = 64
_FLUSH = 2_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """A searchable corpus. `name` returns the id of a hit's document. Indexing took `seconds`."""

    searcher: Searcher
    store: Store
    name: Callable[[Hit], str]
    seconds: float
    disk_bytes: int
    points: int


@contextmanager
def indexed(points: Iterator[Point], encoder: Encoder, name: Callable[[Hit], str]) -> Iterator[Corpus]:
    """A context with a temporary store of these points."""
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as folder:
        started = time.perf_counter()
        store = open_store(StoreConfig(Path(folder) / "shard", encoder.dim))
        try:
            count = _fill(store, points)
            seconds = time.perf_counter() - started
            searcher = Searcher(store, encoder, REPO)
            yield Corpus(searcher, store, name, seconds, allocated_bytes(Path(folder)), count)
        finally:
            store.close()


def documents(
    rows: Sequence[DatasetDocument], encoder: Encoder
) -> tuple[Iterator[Point], Callable[[Hit], str]]:
    """The points of a data set's documents, and a function that returns the id of a hit's document.

    Each document gets a number as its path. The numbers are in the order of the digests of ids. Since hits
    with equal scores are ordered by path, neither the order of the corpus file nor the words in ids matter.
    """
    ids = places(rows)
    return _points(_ordered(rows), encoder), lambda hit: ids[hit.path]


def places(rows: Sequence[DatasetDocument]) -> dict[str, str]:
    """For each path, the id of the document that is stored under this path."""
    return {_path(number): row.id for number, row in enumerate(_ordered(rows))}


def _fill(store: Store, points: Iterator[Point]) -> int:
    count, waiting = 0, []
    for point in each(points, "indexing the documents"):
        waiting.append(point)
        if len(waiting) >= _FLUSH:
            store.upsert(waiting)
            count, waiting = count + len(waiting), []
    store.upsert(waiting)
    store.flush()
    return count + len(waiting)


def _points(rows: Sequence[DatasetDocument], encoder: Encoder) -> Iterator[Point]:
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        titles = [fragment_points.title(row.title, (), _NAMELESS) for row in batch]
        vectors = encoder.documents([row.text for row in batch], titles)
        for number, (row, vector) in enumerate(zip(batch, vectors, strict=True), start):
            yield _placed(replace(_bare(row), dense=vector if vector.any() else None), number)


def _bare(row: DatasetDocument) -> Point:
    """The point of a document, without a path and without a dense vector."""
    text = row.text.encode()
    fragment = Fragment(
        repo=REPO,
        path=_NAMELESS,
        language=row.language,
        kind="function" if row.title else "block",
        symbol=row.title,
        ordinal=0,
        span=Span(0, len(text), 1, row.text.rstrip("\n").count("\n") + 1),
        text=row.text,
    )
    file = SourceFile(_NAMELESS, Path(_NAMELESS), len(text), 0)
    source = Source(file, text, text, "utf-8", "", len(text), 0)
    # The file gets no point of its own, because such a point would repeat the words of the document.
    return fragment_points.points(source, REPO, row.language, [fragment], None)[0]


def _placed(point: Point, number: int) -> Point:
    path = _path(number)
    identity = point_id(REPO, path)
    return replace(point, id=identity, payload={**point.payload, "path": path})


def _ordered(rows: Sequence[DatasetDocument]) -> list[DatasetDocument]:
    return sorted(rows, key=lambda row: _digest(row.id))


def _path(number: int) -> str:
    return f"{number:08d}"


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
