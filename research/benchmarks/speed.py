"""Measures the speed of commands on a copy of a source tree. The commands run in separate processes.

copy -> first index -> nothing changed -> one file changed -> cold searches -> warm searches by profile
-> warm continuations
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import UNSET

from indexer.errors import UsageError
from indexer.fragment import SourceFile
from indexer.parsing.languages import BY_NAME, name_of
from indexer.store.shard_files import allocated_bytes
from indexer.walk.walk import WalkOptions, walk

from ..datasets.steps import Say
from .figures import ColdAndWarm, CursorCosts, IndexingCosts, Machine, SpeedFigures
from .processes import batch, cornea
from .report import BenchmarkReport, Chart, ChartBar, ReportTable
from .runs import percentiles

QUESTIONS = (
    "parse command line arguments",
    "open a connection with retries",
    "read a configuration file",
    "how are errors reported to the user",
    "split text into tokens",
    "write json to a file",
    "compute a hash of the content",
    "convert a date to a string",
    "cache results of a function",
    "start a worker process",
)
_ROUNDS, _WARMING = 12, 2
"""Rounds of queries to one process. The first _WARMING rounds fill the caches and are not counted."""
_CURSORS = 300
"""Maximum cursors, spread over the tree, at which code is continued."""
_CODE = 8
"""A cursor is put after a line with more than this number of characters."""
_COPY_BYTES = 1 << 31


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of the tree, and an empty home for its index."""

    tree: Path
    home: Path

    def run(self, *arguments: str) -> Any:
        """Run one command in a process of its own."""
        return cornea(arguments, self.tree, self.home)


def measure(root: Path, profiles: Sequence[str], repeats: int, say: Say) -> BenchmarkReport:
    """All figures of one tree. Times are medians of `repeats` runs, except the time of the first index."""
    with placed(root) as place:
        say("first index")
        costs = _indexing(place, repeats)
        found: dict[str, ColdAndWarm] = {}
        for profile in profiles:
            say(f"searching, {profile}")
            found[profile] = _searching(place, profile, repeats)
        say("continuing")
        continued = _continuing(place)
        megabytes = round(allocated_bytes(place.home) / 1e6, 1)
    figures = SpeedFigures(
        root=root.name,
        repeats=repeats,
        index=costs,
        index_mb=megabytes,
        queries=found,
        continue_=continued,
        machine=machine(),
    )
    return BenchmarkReport(
        f"{root.name}: {costs.files:,} files, {costs.functions:,} functions",
        [_index_table(costs, megabytes), _query_table(found), _continue_table(continued)],
        figures,
        [f"{described()}; {repeats} runs each."],
        _chart(found),
    )


@contextmanager
def placed(root: Path) -> Iterator[Checkout]:
    """A context with a copy of the files that the walk finds, so that nothing is written to the tree."""
    files = [file for file in walk(root, WalkOptions()) if isinstance(file, SourceFile)]
    size = sum(file.size for file in files)
    if not files:
        raise UsageError(f"{root}: no files to index; name a folder with code")
    if size > _COPY_BYTES:
        raise UsageError(f"{root}: {size / 1e9:.1f} GB of text; name a smaller folder")
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as folder:
        place = Checkout(Path(folder) / "tree", Path(folder) / "home")
        for file in files:
            copy = place.tree / file.location.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.location, copy)
        yield place


def _indexing(place: Checkout, repeats: int) -> IndexingCosts:
    tree = str(place.tree)
    first = place.run("index", tree, "--yes", "--json")
    report = json.loads(first.out)
    nothing = _median(repeats, lambda: place.run("index", tree).seconds)
    one_file = _median(repeats, partial(_change, place, _victim(place.tree)))
    functions = report["functions"]
    return IndexingCosts(
        files=report["added"],
        functions=functions,
        fragments=report["fragments"],
        first_index_s=round(first.seconds, 3),
        first_index_functions_per_s=round(functions / first.seconds),
        first_index_mb=round(first.megabytes),
        no_change_s=round(nothing, 3),
        no_change_functions_per_s=round(functions / nothing),
        one_file_s=round(one_file, 3),
        one_file_functions_per_s=round(functions / one_file),
    )


def _searching(place: Checkout, profile: str, repeats: int) -> ColdAndWarm:
    """Cold: each question in a new process. Warm: all questions in one process, as a batch."""
    words = ("search", "--json", "--profile", profile)
    cold = [1000 * place.run(*words, QUESTIONS[i % len(QUESTIONS)]).seconds for i in range(repeats)]
    asked = [{"query": question} for question in QUESTIONS * _ROUNDS]
    times, resident = batch(["search", "--profile", profile], asked, place.tree, place.home)
    warm = times[_WARMING * len(QUESTIONS) :]
    (cold_p50, cold_p99), (warm_p50, warm_p99) = percentiles(cold), percentiles(warm)
    return ColdAndWarm(
        round(cold_p50, 2), round(cold_p99, 2), round(warm_p50, 2), round(warm_p99, 2), round(resident)
    )


def _continuing(place: Checkout) -> CursorCosts:
    """Times of suggestions from one process, at cursors in the middle of files."""
    # Each request has the file's text, as requests of an editor do.
    chosen = [cursor for _, cursor in cursors(place.tree, _CURSORS)]
    if not chosen:
        return CursorCosts(0)
    times, resident = batch(["continue", "--all"], chosen + chosen, place.tree, place.home)
    # The first round opens the store and fills the caches.
    p50, p99 = percentiles(times[len(chosen) :])
    return CursorCosts(len(chosen), round(p50, 2), round(p99, 2), round(resident))


def machine() -> Machine:
    """What the figures depend on: the number of cores, the version of Python and the kind of machine."""
    return Machine(os.cpu_count(), platform.python_version(), platform.machine())


def described() -> str:
    """The facts of `machine` as text for a report."""
    here = machine()
    return f"{here.cores} cores, {here.machine}, Python {here.python}"


def cursors(tree: Path, most: int) -> list[tuple[Path, dict[str, Any]]]:
    """Up to `most` files with code from all parts of the tree, and a cursor in each file."""
    files = _code(tree)
    spread = files[:: max(1, len(files) // most)][:most]
    return [(file, cursor) for file in spread if (cursor := _cursor_in(file, tree))["line"]]


def _code(tree: Path) -> list[Path]:
    return [f for f in sorted(tree.rglob("*")) if f.is_file() and name_of(f.name, b"") in BY_NAME]


def _cursor_in(file: Path, tree: Path) -> dict[str, Any]:
    """A cursor after the first line of code in the second half of a file.

    `line` is 0 if there is no such line.
    """
    text = file.read_text("utf-8", "replace")
    lines = text.split("\n")
    half = len(lines) // 2
    line = next((n + 1 for n in range(half, len(lines)) if len(lines[n].strip()) > _CODE), 0)
    path = str(file.relative_to(tree))
    return {"path": path, "text": text, "language": name_of(file.name, b""), "line": line}


def _median(repeats: int, run: Callable[[], float]) -> float:
    return statistics.median(run() for _ in range(repeats))


def _victim(tree: Path) -> Path:
    """The source file at the third quartile of sizes."""
    code = _code(tree) or [f for f in sorted(tree.rglob("*")) if f.is_file()]
    return sorted(code, key=lambda f: (f.stat().st_size, str(f)))[len(code) * 3 // 4]


def _change(place: Checkout, victim: Path) -> float:
    with victim.open("a", encoding="utf-8") as file:
        file.write(f"\n\n{time.time_ns()}\n")
    seconds: float = place.run("index", str(place.tree)).seconds
    return seconds


def _index_table(costs: IndexingCosts, megabytes: float) -> ReportTable:
    rows = tuple(
        (name, f"{seconds:.2f} s", f"{speed:,}")
        for name, seconds, speed in (
            ("first index", costs.first_index_s, costs.first_index_functions_per_s),
            ("nothing changed", costs.no_change_s, costs.no_change_functions_per_s),
            ("one file changed", costs.one_file_s, costs.one_file_functions_per_s),
        )
    )
    memory = ("most memory, all processes", f"{costs.first_index_mb:,} MB", "")
    disk = ("index on disk", f"{megabytes:,.0f} MB", "")
    return ReportTable("Indexing", ("what", "value", "functions/s"), (*rows, memory, disk))


def _query_table(found: Mapping[str, ColdAndWarm]) -> ReportTable:
    keys = ("cold_p50_ms", "cold_p99_ms", "warm_p50_ms", "warm_p99_ms")
    head = ("profile", *(key.removesuffix("_ms").replace("_", " ") + ", ms" for key in keys), "MB resident")
    rows = tuple(
        (profile, *(f"{getattr(row, key):,.1f}" for key in keys), f"{row.resident_mb:,}")
        for profile, row in found.items()
    )
    return ReportTable("Searches: cold in a new process each, warm in a running process", head, rows)


def _continue_table(costs: CursorCosts) -> ReportTable:
    head = ("cursors", "warm p50, ms", "warm p99, ms", "MB resident")
    row = (costs.cursors, costs.warm_p50_ms, costs.warm_p99_ms, costs.resident_mb)
    rows = (tuple("-" if one is UNSET else f"{one:,}" for one in row),)
    return ReportTable("Suggestions in a running process", head, rows)


def _chart(found: Mapping[str, ColdAndWarm]) -> Chart:
    bars = (ChartBar(name, row.warm_p50_ms, row.warm_p50_ms, row.warm_p99_ms) for name, row in found.items())
    return Chart("Warm search, median and 99th percentile", "ms", tuple(bars))
