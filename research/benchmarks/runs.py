"""Asks the questions of a benchmark, and keeps the answers and their costs."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from indexer import extras

from ..datasets.steps import each

DEPTH = 100
"""Number of answers per question, as recall@100 needs."""
_WARM = 3
_TRACED = 10

Q = TypeVar("Q")
A = TypeVar("A")
Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds per question (median and 99th percentile), and memory in MB.

    `resident` is the peak of the process's resident memory, sampled after each question. `query` is the
    median of the memory that Python and numpy allocate during a question.
    """

    p50: float
    p99: float
    resident: float
    query: float


@dataclass(frozen=True, slots=True)
class Run(Generic[Id]):
    """The result of one way of ranking: ids by question, best first, and the costs."""

    name: str
    rankings: Mapping[str, Sequence[Id]]
    costs: Costs


def require(module: str) -> Any:
    """A module of the extra `bench`.

    Raises Unsupported, whose message has the command that installs the extra.
    """
    return extras.require(module, "bench", "this benchmark")


def run(
    name: str,
    questions: Mapping[str, Q | None],
    answer: Callable[[Q], Sequence[A]],
    identify: Callable[[A], Id],
) -> Run[Id]:
    """Ask every question once, after asking the first few questions to warm up.

    Of several answers with the same id, the first counts. A question that is None gets no answers.
    """
    asked = [query for query in questions.values() if query is not None]
    for query in asked[:_WARM]:
        answer(query)
    process = require("psutil").Process()
    times: list[float] = []
    rankings: dict[str, list[Id]] = {}
    resident = 0
    for id, question in each(questions.items(), f"asking, {name}"):
        if question is None:
            continue
        started = time.perf_counter()
        answers = answer(question)
        times.append(1000 * (time.perf_counter() - started))
        resident = max(resident, process.memory_info().rss)
        rankings[id] = list(dict.fromkeys(map(identify, answers)))
    return Run(name, rankings, Costs(*percentiles(times), resident / 1e6, _taken(asked[:_TRACED], answer)))


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """The median and the 99th percentile (nearest rank)."""
    if not times:
        return 0.0, 0.0
    return statistics.median(times), sorted(times)[max(0, -(-99 * len(times) // 100) - 1)]


def _taken(queries: Sequence[Q], answer: Callable[[Q], Sequence[A]]) -> float:
    """The median of the peak MB that a question allocates, measured separately because tracing is slow."""
    peaks = []
    tracemalloc.start()
    try:
        for query in queries:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            answer(query)
            peaks.append((tracemalloc.get_traced_memory()[1] - before) / 1e6)
    finally:
        tracemalloc.stop()
    return statistics.median(peaks) if peaks else 0.0
