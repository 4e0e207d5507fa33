"""Measures how well Cornea locates the functions that an issue's fix changed, at the commit before the fix.

for each repository: for each base commit: move the index there -> rank -> compare with the changed functions
"""

from __future__ import annotations

import math
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from indexer.config import Config
from indexer.encoding import bm25
from indexer.errors import UsageError
from indexer.index.commits import past
from indexer.index.index import Index
from indexer.pipeline import ensure
from indexer.store import Filter, Match
from indexer.walk.revision import Revision
from retrieval.localization.evidence import IssueEvidence
from retrieval.localization.functions import SourceFunction, outermost_functions
from retrieval.localization.locator import Locator
from retrieval.localization.mention_scores import stem
from retrieval.localization.mentions import MentionKind
from retrieval.query import Query, names
from retrieval.result import Candidate
from retrieval.searcher import Searcher
from retrieval.stop_words import STOP_WORDS

from ..datasets import clones, targets
from ..datasets.issues import Issue, gold, load
from ..datasets.steps import Say, each
from . import tables
from .figures import LocateFigures, Percentiles
from .report import BenchmarkReport, ReportTable
from .runs import percentiles

DEPTH = 400
"""Number of candidates per leg."""
_FUNCTIONS = Filter((Match("kind", ("function", "method")),))
_FIELDS = ("path", "symbol", "start_line", "end_line", "start_byte", "end_byte")
TESTS = ("*test*",)
"""Globs of files that are excluded from the corpus."""

LOCATE = "locate"
"""The profile of `cornea locate`. The other profiles use the issue as a query of the searcher."""
READING, PROCESSOR = "locate: functions, history", "locate: processor"

MAIN = "Acc@10"

Columns = dict[str, list[float]]


@dataclass(slots=True)
class Results:
    """Metrics per issue, seconds, numbers of functions that were read, and counts of left-out issues."""

    values: dict[str, Columns] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    moving: list[float] = field(default_factory=list)
    functions: list[int] = field(default_factory=list)
    issues: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def measure(
    path: Path,
    repos: Path,
    *,
    profiles: Sequence[str],
    limit: int = 0,
    model: str = "",
    seed: int = 0,
    say: Say = lambda line: None,
) -> BenchmarkReport:
    """Score the issues of the repositories that have a clone in `repos`, at most `limit` per repository.

    If `limit` is 0, all these issues are scored. Raises UsageError if no issue can be scored.
    """
    by_repo: dict[str, list[Issue]] = defaultdict(list)
    for issue in load(path):
        by_repo[issue.repo].append(issue)
    folders = {clone.name.lower(): clone.git_dir for clone in clones.find([repos])}
    results = Results()
    for number, (repo, issues) in enumerate(sorted(by_repo.items()), 1):
        folder = folders.get(repo.lower())
        if folder is None:
            results.left_out["no clone"] += len(issues)
            continue
        say(f"{number}/{len(by_repo)} {repo}: {len(issues)} issues")
        ask(folder, issues[: limit or None], profiles, model, results)
    if not results.issues:
        raise UsageError(
            f"{repos}: none of the issues can be asked ({_reasons(results)}); clone their repositories"
        )
    return report(path.stem, results, seed)


def ask(
    folder: Path,
    issues: Sequence[Issue],
    profiles: Sequence[str],
    model: str = "",
    results: Results | None = None,
) -> Results:
    """Locate the issues of one clone, each at its own commit. Returns `results` with the outcomes added."""
    results = Results() if results is None else results
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as home:
        config = Config(home=Path(home), model=model, exclude=TESTS)
        for issue in each(issues, f"locating in {folder.name}"):
            try:
                revision = Revision(folder, issue.commit)
            except UsageError:
                results.left_out["no such commit in the clone"] += 1
                continue
            started = time.perf_counter()
            with Index.open(folder, config, revision=revision) as index:
                ensure(index, allow=lambda files: True)
                results.moving.append(time.perf_counter() - started)
                _issue(issue, index, profiles, results)
    return results


def _issue(issue: Issue, index: Index, profiles: Sequence[str], results: Results) -> None:
    there = outermost_functions(SourceFunction.of(r.payload) for r in index.store.scroll(_FUNCTIONS, _FIELDS))
    wanted = gold(issue.changes, there)
    query = parse_query(issue.text)
    if not wanted or query is None:
        results.left_out["no function changed" if query else "no words in the issue"] += 1
        return
    results.issues += 1
    searcher = Searcher(index.store, index.encoder, index.tenant)
    for profile in profiles:
        if profile == LOCATE:
            order = _located(issue, index, results)
        else:
            started = time.perf_counter()
            order = ranking(searcher.rank(query, profile, DEPTH), there)
            results.seconds[profile].append(time.perf_counter() - started)
        for metric, value in score(order, wanted).items():
            results.values[profile][metric].append(value)


def _located(issue: Issue, index: Index, results: Results) -> list[SourceFunction]:
    """The answer of locate itself. The time to read functions and history is recorded separately."""
    assert index.revision is not None
    started = time.perf_counter()
    known = past(index.revision.repository, index.folder, index.revision.commit)
    locator = Locator.of_store(index.store, index.tenant, known, index.encoder)
    locator.warm()
    results.seconds[READING].append(time.perf_counter() - started)
    results.functions.append(len(locator.corpus))
    started, busy = time.perf_counter(), time.process_time()
    found = locator.locate(issue.text, limit=DEPTH)
    results.seconds[LOCATE].append(time.perf_counter() - started)
    results.seconds[PROCESSOR].append(time.process_time() - busy)
    return [suspect.function for suspect in found.functions]


def parse_query(text: str) -> Query | None:
    """An issue as a query, with logarithmic term frequencies and without phrases."""
    meaningful = [word for word in bm25.words(text) if word.lower() not in STOP_WORDS]
    counts = Counter(chain.from_iterable(map(bm25.terms, meaningful)))
    if not counts:
        return None
    weights = {term: 1.0 + math.log(n) for term, n in counts.items()}
    words = dict.fromkeys(part for word in meaningful for part in bm25.parts(word))
    return Query(text=text, weights=weights, names=names(text, symbol=False), words=tuple(words))


def ranking(
    found: Iterable[Candidate], there: Mapping[str, Sequence[SourceFunction]]
) -> list[SourceFunction]:
    """The functions of ranked fragments, in the order of each function's best fragment."""
    lines = ((there.get(c.path, ()), int(c.payload["start_line"])) for c in found)
    functions = (next((f for f in own if f.start <= line <= f.end), None) for own, line in lines)
    return list(dict.fromkeys(filter(None, functions)))


def score(ranked: Sequence[SourceFunction], wanted: Sequence[SourceFunction]) -> dict[str, float]:
    """The metrics of one issue."""
    order, ids = [f.id for f in ranked], {f.id for f in wanted}
    # The files are in the order of their first functions.
    files, gold_files = list(dict.fromkeys(f.path for f in ranked)), {f.path for f in wanted}
    values = {f"Acc@{k}": targets.all_gold(order, ids, k) for k in (1, 5, 10, 15, 20)}
    values |= {f"hit@{k}": targets.any_gold(order, ids, k) for k in (1, 5, 10)}
    values["MRR@10"] = targets.reciprocal_rank(order, ids, 10)
    values |= {f"file Acc@{k}": targets.all_gold(files, gold_files, k) for k in (1, 3, 5)}
    return values | {f"recall@{k}": targets.recall(order, ids, k) for k in (50, 100, 200)}


NAMED, NEAR, NOTHING = "names a function", "names the function's file or class", "names nothing"
"""How closely an issue names the functions that its fix changed."""
_CODE = (
    MentionKind.QUOTED
    | MentionKind.CALLED
    | MentionKind.ATTRIBUTE
    | MentionKind.SHAPED
    | MentionKind.CODE
    | MentionKind.ERROR
    | MentionKind.IMPORTED
)


def naming(evidence: IssueEvidence, wanted: Sequence[SourceFunction]) -> str:
    """NAMED if the issue names a wanted function, NEAR if it names only a wanted function's file or class.

    Otherwise NOTHING. Plain words of the prose do not count.
    """
    ways, named = evidence.issue.mentions.kinds, evidence.named
    if any(ways.get(f.name, MentionKind(0)) & _CODE for f in wanted):
        return NAMED
    of_file = dict(zip(evidence.corpus.paths, named.path + named.framed, strict=True))
    for function in wanted:
        words = (function.owner.rpartition(".")[2], stem(function.path))
        if of_file.get(function.path, 0) or any(
            word and ways.get(word, MentionKind(0)) & _CODE for word in words
        ):
            return NEAR
    return NOTHING


def report(name: str, results: Results, seed: int) -> BenchmarkReport:
    """The report of all issues."""
    found, figures, chart = tables.compared(results.values, MAIN, seed)
    notes = [
        "Acc@k: the first k include all changed functions. hit@k: the first k include a changed function. "
        f"Seed {seed}."
    ]
    if results.functions:
        notes.append(f"Functions of a repository: {min(results.functions):,} to {max(results.functions):,}.")
    if results.left_out:
        notes.append(f"Left out: {_reasons(results)}.")
    printed = LocateFigures(
        data=name,
        seed=seed,
        issues=results.issues,
        left_out=dict(results.left_out),
        functions=results.functions,
        seconds={p: Percentiles(*percentiles(s)) for p, s in results.seconds.items()},
        moving_seconds=Percentiles(*percentiles(results.moving)),
        **figures,
    )
    shown = [*found, _times(results)]
    return BenchmarkReport(f"{name}: {results.issues:,} issues", shown, printed, notes, chart)


def _times(results: Results) -> ReportTable:
    rows = [("moving the index", *(f"{s:.2f}" for s in percentiles(results.moving)))]
    rows += [(profile, *(f"{s:.3f}" for s in percentiles(all))) for profile, all in results.seconds.items()]
    return ReportTable("Seconds per issue", ("step", "p50", "p99"), tuple(rows))


def _reasons(results: Results) -> str:
    return ", ".join(f"{count} ({why})" for why, count in sorted(results.left_out.items())) or "no issues"
