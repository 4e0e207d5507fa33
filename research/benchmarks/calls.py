"""Compares callers with those that a language server finds.

The truth are the references of sampled functions that are calls, each mapped to the innermost definition
around it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import TYPE_CHECKING

from msgspec import Struct

from indexer.analysis.file_calls import MODULE, FileCalls
from indexer.analysis.worker_pool import calls_of_files
from indexer.errors import UsageError
from indexer.fragment import SourceFile
from indexer.walk.walk import walk
from retrieval.calls.call_graph import RepositoryCalls
from retrieval.calls.calling_file import CallingFile
from retrieval.calls.entities import Place

from ..datasets.steps import each
from .language_server import LanguageServer, Location
from .report import BenchmarkReport, ReportTable

if TYPE_CHECKING:
    from indexer.config import Config

_CALL = re.compile(r"[\w$]+\s*(?:(?:::)?<[^()]*>|!)?\s*\(|[\w$]+\s*\?\.\(")
_WITHOUT_PARENTHESES = ("bash", "ruby", "elixir", "haskell", "ocaml")
"""Languages in which any reference to a function may be a call."""
_KINDS = ("function", "method")
Caller = tuple[str, str]
"""The path and the qualified name of a caller; "" for code outside of definitions."""


class CallFigures(Struct):
    """The answer of `bench calls --json`.

    Recall and precision count pairs of a caller and a sampled function, for the resolved pairs alone and for
    all. `truth` is the number of pairs that the server finds. `p50` and `p95` are milliseconds of one
    question.
    """

    functions: int
    truth: int
    resolved_recall: float
    resolved_precision: float
    all_recall: float
    all_precision: float
    p50: float
    p95: float


@dataclass(slots=True)
class Compared:
    """What was found for one function."""

    name: str
    truth: set[Caller]
    resolved: set[Caller]
    by_name: set[Caller]
    seconds: float


@dataclass(slots=True)
class Comparison:
    """What was found for all sampled functions."""

    rows: list[Compared] = field(default_factory=list)

    def figures(self) -> CallFigures:
        truth = sum(len(one.truth) for one in self.rows)
        resolved = sum(len(one.resolved) for one in self.rows)
        right = sum(len(one.resolved & one.truth) for one in self.rows)
        every = sum(len(one.resolved | one.by_name) for one in self.rows)
        found = sum(len((one.resolved | one.by_name) & one.truth) for one in self.rows)
        times = sorted(1000 * one.seconds for one in self.rows)
        cuts = quantiles(times, n=20) if len(times) > 1 else times * 19
        return CallFigures(
            len(self.rows),
            truth,
            right / max(truth, 1),
            right / max(resolved, 1),
            found / max(truth, 1),
            found / max(every, 1),
            cuts[9] if cuts else 0.0,
            cuts[18] if cuts else 0.0,
        )


def measure(
    root: Path,
    config: Config,
    server: Sequence[str],
    languages: Sequence[str],
    size: int,
    seed: int,
    *,
    open_callers: bool,
    sample: int,
) -> BenchmarkReport:
    """The report on a tree.

    Raises UsageError if it has no function of these languages, or the server fails.
    """
    graph = graph_of_tree(root, config)
    places = sampled(graph, languages, size, seed)
    if not places:
        raise UsageError(
            f"{root}: no function outside of tests in {', '.join(languages)}; name others with -t"
        )
    with LanguageServer(server, root) as running:
        found = compared(graph, running, root, places, open_callers=open_callers)
    return report(found, sample)


def graph_of_tree(root: Path, config: Config) -> RepositoryCalls:
    """The call graph of a tree, which is read without an index."""
    graph = RepositoryCalls()
    files = [one for one in walk(root) if isinstance(one, SourceFile)]
    for one in each(calls_of_files(files, config, size=os.cpu_count() or 1), "reading calls", len(files)):
        if isinstance(one, FileCalls):
            graph.put(one)
    graph.resolve()
    return graph


def sampled(graph: RepositoryCalls, languages: Sequence[str], size: int, seed: int) -> list[Place]:
    """Functions and methods outside of tests, of these languages.

    Constructors are left out, because servers differ in whether the making of an object refers to them.
    """
    every = [
        (file, number)
        for file, one in sorted(graph.files.items(), key=lambda item: item[1].path)
        if one.language in languages and not one.is_test
        for number, definition in enumerate(one.definitions)
        if definition.kind in _KINDS and not definition.declared
        if not _is_constructor(one, definition.symbol)
    ]
    return Random(seed).sample(every, min(size, len(every)))


def _is_constructor(file: CallingFile, symbol: str) -> bool:
    owner, _, name = symbol.rpartition(".")
    return name in file.profile.constructors or name == owner.rpartition(".")[2]


def compared(
    graph: RepositoryCalls,
    server: LanguageServer,
    root: Path,
    places: Sequence[Place],
    *,
    open_callers: bool = False,
) -> Comparison:
    """What the graph and the server find for these functions.

    With `open_callers`, all files that use the name of one of the functions are opened first, for servers
    that know only the projects of open files.
    """
    found = Comparison()
    texts: dict[str, list[str]] = {}
    opened: set[str] = set()
    for path in _to_open(graph, places) if open_callers else ():
        server.open(path, graph.files[graph.number_of(path) or 0].language)
        opened.add(path)
    for step, place in enumerate(each(places, "asking the server")):
        file, number = place
        one = graph.files[file]
        definition = one.definitions[number]
        lines = texts.setdefault(one.path, _lines(root / one.path))
        line = lines[definition.line - 1] if definition.line <= len(lines) else ""
        if one.path not in opened:
            server.open(one.path, one.language)
        column = len(line[: definition.column - 1].encode("utf-16-le")) // 2
        if not step:
            server.settle(one.path, definition.line - 1, column)
        references = server.references(one.path, definition.line - 1, column)
        opened.add(one.path)
        truth = {
            caller
            for reference in references
            if (
                caller := _caller(
                    graph, reference, texts.setdefault(reference.path, _lines(root / reference.path))
                )
            )
        }
        started = time.perf_counter()
        edges = list(graph.calls_of(place))
        seconds = time.perf_counter() - started
        resolved, by_name = (
            {
                _named(graph, caller, graph.files[caller].owner(at))
                for caller, at, sure in edges
                if sure is wanted
            }
            for wanted in (True, False)
        )
        name = f"{one.path}:{definition.line} {definition.symbol}"
        found.rows.append(Compared(name, truth, resolved, by_name - resolved, seconds))
    return found


def _to_open(graph: RepositoryCalls, places: Sequence[Place]) -> list[str]:
    names = {graph.files[file].names[number] for file, number in places}
    return sorted({graph.files[file].path for name in names for file in graph.calling.get(name, ())})


def _caller(graph: RepositoryCalls, reference: Location, lines: Sequence[str]) -> Caller | None:
    """The caller, if a reference is a call in a file of the graph."""
    number = graph.number_of(reference.path)
    if number is None or reference.line >= len(lines):
        return None
    text = lines[reference.line].encode("utf-16-le")[2 * reference.column :].decode("utf-16-le", "replace")
    rest = text + "\n" + "\n".join(lines[reference.line + 1 : reference.line + 3])
    if graph.files[number].language not in _WITHOUT_PARENTHESES and not _CALL.match(rest):
        return None
    column = len(
        lines[reference.line].encode("utf-16-le")[: 2 * reference.column].decode("utf-16-le", "replace")
    )
    around = graph.place(reference.path, reference.line + 1)
    if any(
        (one.line, one.column) == (reference.line + 1, column + 1) for one in graph.files[number].definitions
    ):
        return None  # another definition of the same name
    return _named(graph, number, around[1] if around else MODULE)


def _named(graph: RepositoryCalls, file: int, owner: int) -> Caller:
    one = graph.files[file]
    return (
        one.path,
        "" if owner == MODULE else f"{one.definitions[owner].symbol}:{one.definitions[owner].start}",
    )


def _lines(path: Path) -> list[str]:
    return re.split(r"\r\n|\r|\n", path.read_text("utf-8", "replace"))


def report(found: Comparison, sample: int) -> BenchmarkReport:
    """A report with both kinds of edges, and the first `sample` differences as notes."""
    figures = found.figures()
    head = ("edges", "recall", "precision")
    rows = (
        ("resolved", f"{figures.resolved_recall:.3f}", f"{figures.resolved_precision:.3f}"),
        ("all", f"{figures.all_recall:.3f}", f"{figures.all_precision:.3f}"),
    )
    notes = [
        f"{figures.functions:,} functions with {figures.truth:,} callers; "
        f"a question takes {figures.p50:.1f} ms (p50), {figures.p95:.1f} ms (p95)"
    ]
    differences = [
        f"{what}: {row.name} called by {path} {symbol}".rstrip()
        for row in found.rows
        for what, pairs in _differences(row).items()
        for path, symbol in sorted(pairs)
    ]
    title = "Callers, compared with a language server"
    return BenchmarkReport(
        title,
        [ReportTable("Pairs of caller and function", head, rows)],
        figures,
        [*notes, *differences[:sample]],
    )


def _differences(row: Compared) -> Mapping[str, set[Caller]]:
    return {
        "not found": row.truth - row.resolved - row.by_name,
        "resolved, not found by the server": row.resolved - row.truth,
        "only by name": row.truth & row.by_name,
        "by name, not found by the server": row.by_name - row.truth,
    }
