"""Measures how well Cornea continues functions of a real repository, which are left out of the index.

Each function is cut at a random statement boundary. The index has no fragment that overlaps the function, and
the buffer is the function's file without the rest of the function. The suggestion is compared with this rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import fragment_points
from indexer.analysis.roles import is_example, is_test
from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from indexer.parsing.definitions import Definition
from indexer.parsing.parse import parse
from indexer.parsing.profiles import LanguageProfile
from indexer.parsing.source import Source
from indexer.store import Point
from retrieval.continuation import lexical_profile
from retrieval.continuation.alignment import FragmentLine, rows
from retrieval.continuation.confidence import bundled
from retrieval.continuation.continuer import Continuer, EditorBuffer, Suggestion
from retrieval.continuation.suggestion import has_content

from ..datasets import corpus
from ..datasets.corpus import REPO, Corpus
from ..datasets.functions import order, outermost, sources
from ..datasets.steps import each
from . import tables
from .bootstrap import Estimate, estimates
from .figures import CursorFigures
from .report import BenchmarkReport, ReportTable
from .runs import percentiles

COUNT = 200
_LINES = (6, 60)
SHARED = 0.5
"""Minimum Dice coefficient of the names in a suggested line and in the true line for the line to be right."""

LEARNED, BASELINE = "learned", "bm25"


@dataclass(frozen=True, slots=True)
class CursorCase:
    """A buffer, a cursor in the buffer, and `truth`, the code that followed the cursor in the function.

    `line` and `column` count from 1.
    """

    buffer: EditorBuffer
    line: int
    column: int
    truth: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Held:
    """The cases, and for each path the line ranges that the index must not have."""

    cases: tuple[CursorCase, ...]
    spans: Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class CursorOutcome:
    """How the first suggestion for a case compares with the truth.

    `line` says whether the first lines are equal except for white space, and `names` whether they share their
    names. `similarity` is the similarity of the first statements, in [0, 1].
    """

    confidence: float
    line: bool
    names: bool
    similarity: float


def measure(root: Path, encoder: Encoder, count: int = COUNT, seed: int = 0) -> BenchmarkReport:
    """Hold out `count` functions of a tree and continue them. Raises UsageError if no function fits."""
    found = list(sources(root))
    held = hold_out(found, count, seed)
    if not held.cases:
        raise UsageError(f"{root}: no function of {_LINES[0]} lines and more; name a folder with more code")
    with corpus.indexed(points(found, held, encoder), encoder, lambda hit: hit.path) as indexed:
        return _report(root, held, CursorOutcomes.of(indexed, encoder, held.cases), indexed, seed)


@dataclass(frozen=True, slots=True)
class CursorOutcomes:
    """For each profile, the outcome and the time in milliseconds of every case.

    An outcome is None if there was no suggestion.
    """

    outcomes: Mapping[str, Sequence[CursorOutcome | None]]
    times: Mapping[str, Sequence[float]]
    threshold: float

    @staticmethod
    def of(indexed: Corpus, encoder: Encoder, cases: Sequence[CursorCase]) -> CursorOutcomes:
        """Run every case with every profile."""
        continuer = Continuer(indexed.store, encoder, REPO)
        outcomes: dict[str, list[CursorOutcome | None]] = {LEARNED: [], BASELINE: []}
        times: dict[str, list[float]] = {LEARNED: [], BASELINE: []}
        for case in each(cases, "continuing"):
            for profile, row in outcomes.items():
                started = time.perf_counter()
                best = continuer.suggest(
                    case.buffer, case.line, case.column, limit=1, include_low_confidence=True, profile=profile
                )
                times[profile].append(1000 * (time.perf_counter() - started))
                row.append(compare(best[0], case) if best else None)
        return CursorOutcomes(outcomes, times, bundled().threshold)


def hold_out(found: Sequence[tuple[Source, LanguageProfile]], count: int, seed: int) -> Held:
    """Choose up to `count` random functions, and a statement boundary in each of them.

    At most one function of each name is chosen in a file.
    """
    drawn: list[tuple[bytes, Source, LanguageProfile, Definition]] = []
    for source, language in found:
        path = source.file.path
        if is_test(path) or is_example(path):
            continue
        parsed = parse(source.text, language)
        for one in outermost(parsed):
            if _LINES[0] <= parsed.lines.count(one.start, one.end) <= _LINES[1]:
                drawn.append((order(seed, path, one.name), source, language, one))
    drawn.sort(key=lambda row: row[0])
    cases: list[CursorCase] = []
    spans: dict[str, list[tuple[int, int]]] = {}
    taken: set[tuple[str, str]] = set()
    for key, source, language, one in drawn:
        path = source.file.path
        if len(cases) == count:
            break
        if (path, one.name) in taken or (made := _case(source, language, one, key)) is None:
            continue
        taken.add((path, one.name))
        cases.append(made)
        first = source.text.count(b"\n", 0, one.start) + 1
        spans.setdefault(path, []).append((first, first + source.text.count(b"\n", one.start, one.end - 1)))
    return Held(tuple(cases), spans)


def points(found: Sequence[tuple[Source, LanguageProfile]], held: Held, encoder: Encoder) -> Iterator[Point]:
    """The points of all fragments that do not overlap a held-out range. Files get no points of their own."""
    for source, language in found:
        spans = held.spans.get(source.file.path, ())
        kept = [
            one
            for one in fragment_points.fragments(source, REPO, language.name)
            if not any(one.span.start_line <= last and first <= one.span.end_line for first, last in spans)
        ]
        made = fragment_points.points(source, REPO, language.name, kept, encoder)
        yield from (point for point in made if point.payload["kind"] != fragment_points.FILE)


def compare(suggested: Suggestion, case: CursorCase) -> CursorOutcome:
    """The outcome of the first suggestion for a case."""
    ours, theirs = suggested.text.strip(), case.truth
    return CursorOutcome(
        suggested.confidence,
        same_line(ours, theirs),
        names_shared(ours, theirs, case.buffer.language),
        similarity(statement(ours), statement(theirs)),
    )


def same_line(ours: str, theirs: str) -> bool:
    """Whether the first lines are equal except for white space."""
    return "".join(_first(ours).split()) == "".join(_first(theirs).split())


def names_shared(ours: str, theirs: str, language: str) -> bool:
    """Whether the first lines share their names, by a Dice coefficient of at least SHARED."""
    mine, other = (set(lexical_profile.read(_first(text), language).names) for text in (ours, theirs))
    if not mine or not other:
        return same_line(ours, theirs)
    return 2 * len(mine & other) / (len(mine) + len(other)) >= SHARED


def statement(text: str) -> str:
    """The first line, and the lines that continue it: deeper ones, and those with a closing bracket."""
    lines = text.split("\n")
    kept = [lines[0].strip()]
    base = min((lexical_profile.column(line) for line in lines[1:] if line.strip()), default=0)
    for line in lines[1:]:
        if line.strip() and lexical_profile.column(line) <= base and line.lstrip()[0] not in ")]}":
            break
        kept.append(line.strip())
    return "\n".join(kept).strip()[:400]


def similarity(ours: str, theirs: str) -> float:
    """1 - the Levenshtein distance as a share of the longer text. White space counts as one space."""
    a, b = " ".join(ours.split()), " ".join(theirs.split())
    if not a or not b:
        return float(a == b)
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return 1 - row[-1] / max(len(a), len(b))


def _first(text: str) -> str:
    return text.strip().partition("\n")[0]


def _case(source: Source, language: LanguageProfile, one: Definition, key: bytes) -> CursorCase | None:
    """A function cut at a statement boundary in its body. Returns None if the body has no boundary."""
    text = source.text[one.start : one.end].decode("utf-8", "replace")
    head = source.text[one.start : one.nodes[0].start_byte].count(b"\n")
    found = rows(text, language.name)
    able = [row for row in found if row.opens and row.number > head + 1 and _can_begin(text, row)]
    if not able:
        return None
    row = able[int.from_bytes(key[:4], "big") % len(able)]
    before = source.text[: one.start].decode("utf-8", "replace") + text[: row.begins]
    after = source.text[one.end :].decode("utf-8", "replace")
    buffer = EditorBuffer(source.file.path, before + "\n" + after, language.name)
    column = row.begins - row.offset + 1
    return CursorCase(buffer, before.count("\n") + 1, column, text[row.begins :].rstrip(), one.name)


def _can_begin(text: str, row: FragmentLine) -> bool:
    """Whether a line has content and is not only the end of a block."""
    return row.text[0] not in ")]}" and has_content([row.text])


def _report(root: Path, held: Held, asked: CursorOutcomes, indexed: Corpus, seed: int) -> BenchmarkReport:
    columns = {
        name: {metric: [value(one) for one in row] for metric, value in _METRICS.items()}
        for name, row in asked.outcomes.items()
    }
    compared, figures, _ = tables.compared(columns, _MAIN, seed, "First suggestions [95 %]")
    shown = [one for one in asked.outcomes[LEARNED] if one and one.confidence >= asked.threshold]
    coverage = len(shown) / len(held.cases)
    right = estimates({"names": [float(one.names) for one in shown] or [0.0]}, seed)["names"]
    times = {name: percentiles(row) for name, row in asked.times.items()}
    title = f"{root.name}: {len(held.cases)} functions continued, {indexed.points:,} fragments"
    return BenchmarkReport(
        title,
        [
            *compared,
            _shown_table(coverage, right, shown),
            ReportTable(
                "Milliseconds per question", ("profile", "p50", "p99"),
                tuple((name, f"{p50:.1f}", f"{p99:.1f}") for name, (p50, p99) in times.items()),
            ),
        ],
        CursorFigures(
            root=root.name, seed=seed, cases=len(held.cases), fragments=indexed.points,
            scores=figures["scores"], coverage=coverage, names_shared=right,
        ),
        [f"Cases without suggestions count as wrong. Names count as shared from Dice {SHARED}. Seed {seed}."],
    )  # fmt: skip


def _shown_table(coverage: float, right: Estimate, shown: Sequence[CursorOutcome]) -> ReportTable:
    equal = sum(one.line for one in shown) / max(1, len(shown))
    alike = sum(one.similarity for one in shown) / max(1, len(shown))
    rows = (
        ("coverage", f"{coverage:.3f}"), ("names of the first line shared", str(right)),
        ("first line equal", f"{equal:.3f}"), ("similarity of the first statement", f"{alike:.3f}"),
    )  # fmt: skip
    return ReportTable("Suggestions that are confident enough to be shown", ("metric", "value"), rows)


_MAIN = "first line equal"
_METRICS: Mapping[str, Callable[[CursorOutcome | None], float]] = {
    "first line equal": lambda one: float(one is not None and one.line),
    "first line's names": lambda one: float(one is not None and one.names),
    "statement similarity": lambda one: one.similarity if one else 0.0,
}
