"""Measures latency, memory and disk of an index that grows to up to a million made-up fragments."""

from __future__ import annotations

import itertools
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.analysis import fragment_points
from indexer.encoding.types import Encoder
from indexer.errors import DiskFull
from indexer.fragment import Fragment, SourceFile, Span
from indexer.parsing.source import Source
from indexer.store import Point, Store, StoreConfig
from indexer.store.shard_files import allocated_bytes
from indexer.store.storage import open_store
from retrieval.query import parse_query
from retrieval.searcher import Searcher

from ..datasets.corpus import REPO
from ..datasets.steps import Say
from .figures import GrowthFigures, GrowthRow, Percentiles
from .report import BenchmarkReport, Chart, ReportTable
from .runs import percentiles, require

SMALLEST = 1_000
_BYTES, _SPARE = 4_000, 512_000_000
"""Maximum bytes on disk per fragment, with a share of the file's point, and maximum bytes for the engine."""
_FUNCTIONS = 10
"""Fragments per file."""
_WORDS, _TOKENS, _SYLLABLES = 30_000, 60, 60
_QUERIES = 60
_FLUSH = 2_000


def measure(
    most: int, encoder: Encoder, profiles: Sequence[str], seed: int, say: Say, warn: Say
) -> BenchmarkReport:
    """Grow a temporary index to `most` fragments, and ask questions at each size.

    Raises DiskFull before anything is written if the disk may have too little space.
    """
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as name:
        folder = Path(name)
        _announce(most, encoder, folder, seed, warn)
        store = open_store(StoreConfig(folder / "shard", encoder.dim))
        try:
            rows = list(_grown(store, folder, most, encoder, profiles, seed, say))
        finally:
            store.close()
    lines = {p: [(row.fragments, row.queries_ms[p].p50) for row in rows] for p in profiles}
    return BenchmarkReport(
        f"Growth to {most:,} fragments",
        [_table(rows, profiles)],
        GrowthFigures(most, seed, rows),
        [f"Made-up functions of {_TOKENS} words; {_QUERIES} questions at each size; seed {seed}."],
        Chart("Latency against size", "median ms", x="fragments", lines=lines),
    )


def sizes(most: int) -> list[int]:
    """The sizes at which questions are asked: a thousand, ten thousand and so on, and `most`."""
    steps = itertools.takewhile(lambda size: size < most, (SMALLEST * 10**k for k in itertools.count()))
    return [*steps, most]


def _announce(most: int, encoder: Encoder, folder: Path, seed: int, warn: Say) -> None:
    """Announce the disk space and the time that are needed. The time is estimated from a small trial.

    Raises DiskFull if the disk may have too little space.
    """
    need, free = most * _BYTES + _SPARE, shutil.disk_usage(folder).free
    if need > free:
        raise DiskFull(
            f"{most:,} fragments may take {need / 1e9:.1f} GB and {folder.parent} has {free / 1e9:.1f} GB; "
            f"reduce --scale, or set TMPDIR to a larger disk"
        )
    trial = 200
    started = time.perf_counter()
    for _ in itertools.islice(_points(encoder, seed + 1), trial):
        pass
    # Writing takes about as long as encoding.
    seconds = 2 * (time.perf_counter() - started) / trial * most * (1 + 1 / _FUNCTIONS)
    warn(f"up to {need / 1e9:.1f} GB of disk in {folder.parent} and about {max(seconds, 1) / 60:.1f} minutes")


def _grown(
    store: Store, folder: Path, most: int, encoder: Encoder, profiles: Sequence[str], seed: int, say: Say
) -> Iterator[GrowthRow]:
    process = require("psutil").Process()
    points, done = _points(encoder, seed), 0
    for size in sizes(most):
        say(f"growing to {size:,} fragments")
        started = time.perf_counter()
        _fill(store, points, size - done)
        seconds = time.perf_counter() - started
        speed, done = round((size - done) / seconds), size
        times = _asked(Searcher(store, encoder, REPO), profiles, seed)
        yield GrowthRow(
            fragments=size,
            fragments_per_s=speed,
            queries_ms=times,
            resident_mb=round(process.memory_info().rss / 1e6),
            disk_mb=round(allocated_bytes(folder) / 1e6),
        )


def _fill(store: Store, points: Iterator[Point], fragments: int) -> None:
    """Write points until they include this many fragments."""
    waiting: list[Point] = []
    while fragments > 0:
        point = next(points)
        fragments -= point.payload["kind"] != fragment_points.FILE
        waiting.append(point)
        if len(waiting) >= _FLUSH or not fragments:
            store.upsert(waiting)
            waiting = []
    store.flush()


def _asked(searcher: Searcher, profiles: Sequence[str], seed: int) -> dict[str, Percentiles]:
    """Milliseconds of a query, by profile."""
    draw = _Words(seed)
    queries = [parse_query(" ".join(draw.several(4))) for _ in range(_QUERIES)]
    found = {}
    for profile in profiles:
        times = []
        for query in (*queries[:5], *queries):
            started = time.perf_counter()
            searcher.answer(query, profile=profile)
            times.append(1000 * (time.perf_counter() - started))
        found[profile] = Percentiles(*(round(one, 2) for one in percentiles(times[5:])))
    return found


def _points(encoder: Encoder, seed: int) -> Iterator[Point]:
    """An endless sequence of points of made-up files. A file's point precedes the points of its fragments."""
    draw = _Words(seed)
    for number in itertools.count():
        path = f"{'/'.join(draw.several(2))}/{number}.py"
        found = [_fragment(path, n, draw) for n in range(_FUNCTIONS)]
        source = Source(SourceFile(path, Path(path), 0, 0), b"", b"", "utf-8", "", 0, 0)
        *fragments, file = fragment_points.points(source, REPO, "python", found, encoder)
        yield file
        yield from fragments


def _fragment(path: str, number: int, draw: _Words) -> Fragment:
    name = "_".join(draw.several(2))
    words = draw.several(_TOKENS)
    body = "\n".join("    " + " ".join(words[i : i + 6]) for i in range(0, _TOKENS, 6))
    text = f"def {name}():\n{body}\n"
    lines = text.count("\n")
    span = Span(number * len(text), (number + 1) * len(text), number * lines + 1, (number + 1) * lines)
    return Fragment(REPO, path, "python", "function", f"{name}_{number}", 0, span, text)


class _Words:
    """Draws made-up words. As in real text (Zipf), the n-th word occurs 1/n as often as the first word."""

    def __init__(self, seed: int) -> None:
        # The words are the same for every seed, so that the questions' words occur in the documents.
        letters = random.Random("words")
        syllables = [a + b for a, b in zip(letters.choices("bcdfghklmnprstvz", k=_SYLLABLES),
                                           letters.choices("aeiou", k=_SYLLABLES), strict=True)]  # fmt: skip
        self._words = ["".join(letters.choices(syllables, k=3)) for _ in range(_WORDS)]
        self._sums = list(itertools.accumulate(1 / rank for rank in range(1, _WORDS + 1)))
        self._random = random.Random(seed)

    def several(self, count: int) -> list[str]:
        return self._random.choices(self._words, cum_weights=self._sums, k=count)


def _table(rows: Sequence[GrowthRow], profiles: Sequence[str]) -> ReportTable:
    head = ("fragments", "written/s", *(f"{p} p50/p99, ms" for p in profiles), "MB resident", "MB on disk")
    return ReportTable(
        "Growth",
        head,
        tuple(
            (
                f"{row.fragments:,}",
                f"{row.fragments_per_s:,}",
                *(f"{row.queries_ms[p].p50:.1f}/{row.queries_ms[p].p99:.1f}" for p in profiles),
                f"{row.resident_mb:,}",
                f"{row.disk_mb:,}",
            )
            for row in rows
        ),
    )
