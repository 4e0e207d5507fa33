"""Measures what answers in a budget show: the right file, and the right function.

for each repository: index -> ask, with every budget and every way -> compare the lines shown with the answer
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from indexer.errors import UsageError
from indexer.fragment import SourceFile
from indexer.index.index import Index
from indexer.parsing.source import Source, read
from indexer.walk.walk import WalkOptions, walk

from ..datasets import annotated, clones
from ..datasets.steps import Say, each
from ..datasets.targets import Target, TargetLocation
from . import trees
from .bootstrap import Estimate, estimate, mean
from .report import BenchmarkReport, ReportTable
from .shown_lines import Shown, shown_lines, within
from .token_questions import COMMIT, FunctionQuestion, committed, documented
from .token_ways import CORNEA, GREP, Cornea, GrepAndRead, Peer, Way, peer_of

BUDGETS = (500, 1_000, 2_000)
LEAST_LINES = 5
"""Minimum lines of a file or function that count as shown."""
_PART = 4
"""An answering part has at least one in this many of the function's lines."""
_COMMITS = 0.3
"""The share of mined questions that are messages of commits."""
_EVERYWHERE = 1 << 31
FILE = "annotated"

T = TypeVar("T")


class FunctionShares(Struct):
    """Shares of the questions whose function is shown whole or in its answering part, and whole.

    `lines` is the share of the shown lines that belong to the function.
    """

    shown: Estimate
    whole: float
    lines: float


class TokenFigures(Struct, kw_only=True):
    """The answer of `bench tokens --json`: by way of asking and number of tokens.

    `files` are shares of the annotated questions of which the right file is shown with at least five lines,
    and `functions` those of the mined questions, by kind; the kind "all" has all of them.
    """

    seed: int
    budgets: Sequence[int]
    questions: Mapping[str, int]
    files: Mapping[str, Mapping[str, Estimate]]
    functions: Mapping[str, Mapping[str, Mapping[str, FunctionShares]]]


@dataclass(slots=True)
class _Outcomes:
    """What was measured, by kind of question, way and budget: one value per question."""

    shown: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    whole: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def measure(
    data: Path | None,
    checked_out: Path | None,
    repositories: Sequence[Path],
    *,
    questions: int = 300,
    peers: Sequence[str] = (),
    exclude: Path | None = None,
    only: Sequence[str] = (),
    seed: int = 0,
    say: Say = lambda line: None,
) -> BenchmarkReport:
    """Ask the annotated questions of `data`, and questions mined from clones. Raises UsageError."""
    rivals = dict(map(peer_of, peers))
    outcomes = _Outcomes()
    if data is not None and checked_out is not None:
        _ask_annotated(data, checked_out, rivals, only, outcomes, say)
    if repositories:
        _ask_mined(clones.allowed(repositories, exclude), questions, seed, rivals, outcomes, say)
    if not outcomes.counts:
        raise UsageError(
            "no questions: name a folder of annotated questions with --trees, or clones with --repos"
        )
    return _report(outcomes, [CORNEA, GREP, *rivals], seed)


def _ask_annotated(
    data: Path,
    checked_out: Path,
    rivals: Mapping[str, str],
    only: Sequence[str],
    outcomes: _Outcomes,
    say: Say,
) -> None:
    found, _ = annotated.load(data, checked_out)
    chosen = [one for one in found if not only or one.name in only]
    for number, repository in enumerate(chosen, 1):
        say(f"{number}/{len(chosen)} {repository.name}: {len(repository.questions)} questions")
        with trees.indexed(repository.folder, "") as index:
            ways = _ways(index, repository.folder, rivals)
            for asked in each(repository.questions, f"asking about {repository.name}"):
                outcomes.counts[FILE] += 1
                for name, budget, shown in _answers(ways, FILE, asked.text, repository.folder):
                    outcomes.shown[FILE, name, budget].append(float(_file_is_shown(shown, asked.targets)))


def _file_is_shown(shown: Shown, targets: Sequence[Target]) -> bool:
    return any(
        len(lines) >= LEAST_LINES and any(t.found_in(TargetLocation(path, 1, _EVERYWHERE)) for t in targets)
        for path, lines in shown.items()
    )


def _ask_mined(
    found: Sequence[clones.Clone],
    questions: int,
    seed: int,
    rivals: Mapping[str, str],
    outcomes: _Outcomes,
    say: Say,
) -> None:
    of_commits = round(questions * _COMMITS / len(found))
    of_docstrings = max(round(questions / len(found)) - of_commits, 1)
    for number, clone in enumerate(found, 1):
        say(f"{number}/{len(found)} {clone.name}")
        for mined in (documented(clone, of_docstrings, seed), committed(clone, of_commits)):
            with mined as tree:
                if not tree.questions:
                    continue
                with trees.indexed(tree.folder, "") as index:
                    ways = _ways(index, tree.folder, rivals, tree.history)
                    for asked in each(tree.questions, f"asking about {clone.name}"):
                        _ask(asked, ways, tree.folder, outcomes)


def _ask(asked: FunctionQuestion, ways: Mapping[str, Way], root: Path, outcomes: _Outcomes) -> None:
    outcomes.counts[asked.kind] += 1
    text = (root / asked.path).read_bytes().decode("utf-8", "replace").split("\n")
    wanted = {n for n in range(asked.start, asked.end + 1) if text[n - 1].strip()}
    changed = {n for n in asked.changed if n in wanted}
    for name, budget, shown in _answers(ways, asked.kind, asked.text, root):
        lines = shown.get(asked.path, frozenset()) & wanted
        whole = lines == wanted
        part = len(lines) >= max(LEAST_LINES, len(wanted) / _PART) and changed <= lines
        key = asked.kind, name, budget
        outcomes.whole[key].append(float(whole))
        outcomes.shown[key].append(float(whole or part))
        outcomes.lines[key].append(len(lines) / max(sum(map(len, shown.values())), 1))


def _ways(
    index: Index, root: Path, rivals: Mapping[str, str], history: tuple[Path, str] | None = None
) -> dict[str, Way]:
    found: dict[str, Way] = {CORNEA: Cornea(index, COMMIT, history), GREP: GrepAndRead(_texts(root))}
    return found | {name: Peer(command, root) for name, command in rivals.items()}


def _texts(root: Path) -> dict[str, str]:
    sources = (read(file) for file in walk(root, WalkOptions()) if isinstance(file, SourceFile))
    return {one.file.path: one.text.decode("utf-8", "replace") for one in sources if isinstance(one, Source)}


def _answers(
    ways: Mapping[str, Way], kind: str, question: str, root: Path
) -> Iterator[tuple[str, int, Shown]]:
    for name, ask in ways.items():
        for budget in BUDGETS:
            yield name, budget, shown_lines(within(ask(kind, question, budget), budget), root)


def _report(outcomes: _Outcomes, ways: Sequence[str], seed: int) -> BenchmarkReport:
    kinds = [kind for kind in outcomes.counts if kind != FILE]
    files = {
        way: {str(n): estimate(outcomes.shown[FILE, way, n], seed) for n in BUDGETS}
        for way in ways
        if outcomes.counts[FILE]
    }
    groups = {kind: [kind] for kind in kinds} | ({"all": kinds} if len(kinds) > 1 else {})
    functions = {
        group: {way: {str(n): _shares(outcomes, members, way, n, seed) for n in BUDGETS} for way in ways}
        for group, members in groups.items()
    }
    head = ("way", *(f"{n:,} tokens" for n in BUDGETS))
    tables = [_table("Right file shown with five lines [95 %]", head, files, str)] if files else []
    for group, by_way in functions.items():
        tables.append(
            _table(f"{group}: function whole or its part [95 %]", head, by_way, lambda one: str(one.shown))
        )
        tables.append(_table(f"{group}: function whole", head, by_way, lambda one: f"{one.whole:.3f}"))
        tables.append(_table(f"{group}: share of lines", head, by_way, lambda one: f"{one.lines:.3f}"))
    counts = {kind: count for kind, count in outcomes.counts.items() if count}
    asked = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    printed = TokenFigures(seed=seed, budgets=BUDGETS, questions=counts, files=files, functions=functions)
    notes = [f"A token is 4 bytes. Outputs of other tools are cut at the budget. Seed {seed}."]
    return BenchmarkReport(f"questions: {asked}", tables, printed, notes)


def _shares(outcomes: _Outcomes, kinds: Sequence[str], way: str, budget: int, seed: int) -> FunctionShares:
    shown, whole, lines = (
        [value for kind in kinds for value in values[kind, way, budget]]
        for values in (outcomes.shown, outcomes.whole, outcomes.lines)
    )
    return FunctionShares(estimate(shown, seed), mean(whole), mean(lines))


def _table(
    title: str, head: tuple[str, ...], rows: Mapping[str, Mapping[str, T]], cell: Callable[[T], str]
) -> ReportTable:
    return ReportTable(
        title, head, tuple((way, *(cell(one) for one in row.values())) for way, row in rows.items())
    )
