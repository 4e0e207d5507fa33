"""Measures quality on the user's own repository, with questions made from it.

docstring -> function         the docstring is the question; the index has no docstring of any function
prefix -> continuation        a function's beginning is the question; the index has only its rest
commit message -> functions   the message is the question; the index has the code of the commit's parent

The first two kinds of questions share one index of all files that the walk finds. Files are split as usual,
but with these changes. For the third kind, one index is updated to each parent in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from indexer.analysis import fragment_points
from indexer.analysis.roles import is_test
from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from indexer.fragment import Fragment, SourceFile, Span
from indexer.parsing.languages import BY_NAME, name_of
from indexer.parsing.parse import parse, unparsable_reason
from indexer.parsing.source import Source, read
from indexer.walk.walk import WalkOptions, walk
from retrieval.result import Hit

from ..datasets import corpus
from ..datasets.corpus import REPO
from ..datasets.dataset import DatasetQuestion
from ..datasets.functions import Function, cut, documentation, of, order, without
from ..datasets.issues import Issue
from . import beir, history, locate, metrics, tables
from .build import first_paragraph
from .figures import OwnFigures, TaskFigures
from .report import BenchmarkReport, Chart, ChartBar, ReportTable
from .runs import Run

QUESTIONS = 200
COMMITS = 20
_HEAD = 4096
_SHORTEST = 120
"""Minimum characters of a function that is split into prefix and continuation."""

TASKS: Mapping[str, str] = {"docstring": "search", "continuation": "continue"}
"""The kinds of questions, and the task of each."""


@dataclass(frozen=True, slots=True)
class SelfQuery:
    """A question with the name of its only correct answer."""

    task: str
    question: DatasetQuestion
    answer: str


@dataclass(frozen=True, slots=True)
class SelfBenchmarkPlan:
    """The questions. `rest` has the indexed part of each `continuation` function, by (path, symbol)."""

    asked: tuple[SelfQuery, ...]
    rest: Mapping[tuple[str, str], str]


def measure(
    root: Path,
    encoder: Encoder,
    profiles: Sequence[str],
    count: int = QUESTIONS,
    seed: int = 0,
    *,
    commits: int = COMMITS,
    model: str = "",
) -> BenchmarkReport:
    """Ask up to `count` questions of each of the first two kinds, and about the last `commits` commits.

    Raises UsageError if the repository gives no question.
    """
    sources = [bare(source, language) for source, language in sources_of(root)]
    chosen = plan([one for _, _, functions in sources for one in functions], count, seed)
    if not chosen.asked:
        raise UsageError(
            f"{root}: no documented functions, and no functions to cut; name a folder with more code"
        )
    points = (
        point
        for source, language, _ in sources
        for point in fragment_points.points(
            source, REPO, language, _fragments(source, language, chosen), encoder
        )
    )
    with corpus.indexed(points, encoder, _name) as indexed:
        found = {
            kind: beir.asked(
                indexed, [one.question for one in chosen.asked if one.task == kind], task, profiles
            )
            for kind, task in TASKS.items()
        }
        facts = (
            f"{indexed.points:,} points indexed in {indexed.seconds:.1f} s, {indexed.disk_bytes / 1e6:.0f} MB"
        )
    report = _report(root, found, chosen.asked, seed, facts)
    return _with_commits(report, history.commits(root, commits), root, profiles, model, seed)


def _with_commits(
    report: BenchmarkReport,
    asked: Sequence[Issue],
    root: Path,
    profiles: Sequence[str],
    model: str,
    seed: int,
) -> BenchmarkReport:
    """The report with the scores of commit messages, if the history gives questions."""
    results = locate.ask(root, asked, profiles, model)
    if not results.issues:
        return replace(
            report,
            notes=[
                *report.notes,
                "No questions about commits: --commits is 0, or the history has no suitable commit.",
            ],
        )
    found = locate.report("commits", results, seed)
    return replace(
        report,
        title=f"{report.title}, {results.issues} by commit",
        tables=[*report.tables, *(replace(t, title=f"commit: {t.title}") for t in found.tables)],
        figures=structs.replace(report.figures, commits=found.figures),
        notes=[*report.notes, *found.notes],
    )


def plan(functions: Sequence[Function], count: int, seed: int) -> SelfBenchmarkPlan:
    """Choose random functions to search by docstring, and random functions to hold out and continue."""
    # Overloads are left out, because they are ambiguous.
    times = Counter((one.path, one.symbol) for one in functions)
    drawn = sorted(
        (one for one in functions if times[one.path, one.symbol] == 1 and not is_test(one.path)),
        key=lambda one: order(seed, one.path, one.symbol),
    )
    documented = [one for one in drawn if first_paragraph(one.docstring)][:count]
    asked = [_ask("docstring", one, first_paragraph(one.docstring)) for one in documented]
    taken = {(one.path, one.symbol) for one in documented}
    rest: dict[tuple[str, str], str] = {}
    for one in drawn:
        halves = cut(one.text, seed) if len(one.text) >= _SHORTEST else None
        if len(rest) == count:
            break
        if halves is not None and (one.path, one.symbol) not in taken:
            rest[one.path, one.symbol] = halves[1]
            asked.append(_ask("continuation", one, halves[0]))
    return SelfBenchmarkPlan(tuple(asked), rest)


def _ask(task: str, function: Function, text: str) -> SelfQuery:
    answer = f"{function.path}:{function.symbol}"
    return SelfQuery(task, DatasetQuestion(f"{task} {answer}", text, function.language), answer)


def _name(hit: Hit) -> str:
    """The name of a hit's function, which all pieces of the function share."""
    return f"{hit.path}:{hit.symbol}" if hit.symbol else f"{hit.path}:{hit.start_line}"


def sources_of(root: Path) -> Iterator[tuple[Source, str]]:
    """The files of a folder that would be indexed, each with the name of its language."""
    for file in walk(root, WalkOptions()):
        source = read(file) if isinstance(file, SourceFile) else None
        if isinstance(source, Source):
            yield source, name_of(source.file.path, source.text[:_HEAD])


def bare(source: Source, name: str) -> tuple[Source, str, list[Function]]:
    """Returns a file without its functions' documentation, the name of its language, and its functions."""
    language = BY_NAME.get(name)
    if language is None or language.textual or unparsable_reason(source.text) is not None:
        return source, name, []
    parsed = parse(source.text, language)
    documented = documentation(parsed, language)
    functions = list(of(source.file.path, language, parsed, documented))
    text = without(source.text, documented)
    return replace(source, data=text, text=text, encoding="utf-8", size=len(text), marks=()), name, functions


def _fragments(source: Source, language: str, chosen: SelfBenchmarkPlan) -> list[Fragment]:
    """A file's fragments. A held-out function has only one fragment, which holds the function's rest."""
    kept, seen = [], set()
    for fragment in fragment_points.fragments(source, REPO, language):
        key = (fragment.path, fragment.symbol)
        if key not in chosen.rest or fragment.kind not in ("function", "method"):
            kept.append(fragment)
        elif key not in seen:
            seen.add(key)
            kept.append(_held(fragment, chosen.rest[key]))
    return kept


def _held(fragment: Fragment, rest: str) -> Fragment:
    span, size = fragment.span, len(rest.encode())
    lines = span.start_line + rest.count("\n")
    placed = Span(span.start_byte, span.start_byte + size, span.start_line, lines)
    return replace(fragment, text=rest, span=placed, docstring="", ordinal=0)


def _report(
    root: Path, found: Mapping[str, list[Run[str]]], asked: Sequence[SelfQuery], seed: int, facts: str
) -> BenchmarkReport:
    shown: list[ReportTable] = []
    asked_by: dict[str, TaskFigures] = {}
    bars: list[ChartBar] = []
    for task, runs in found.items():
        relevant = {one.question.id: {one.answer: 1} for one in asked if one.task == task}
        if not relevant:
            continue
        columns = {one.name: metrics.evaluate(relevant, one.rankings) for one in runs}
        ours, figures, chart = tables.summary(columns, {one.name: one.costs for one in runs}, seed)
        shown += [replace(table, title=f"{task}: {table.title}") for table in ours]
        asked_by[task] = TaskFigures(questions=len(relevant), **figures)
        bars += [replace(bar, name=f"{task}\n{bar.name}") for bar in chart.bars]
    counts = ", ".join(f"{row.questions} by {task}" for task, row in asked_by.items())
    return BenchmarkReport(
        f"{root.name}: questions {counts}",
        shown,
        OwnFigures(root=root.name, seed=seed, tasks=asked_by),
        [f"{facts}; seed {seed}."],
        Chart(f"{metrics.MAIN} with 95 % intervals", metrics.MAIN, tuple(bars)),
    )
