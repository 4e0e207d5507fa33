"""Trains the ranker of locate on issues with known fixes, and cross-validates it by repository.

issues at their commits -> cases (candidates, features, gold) -> cross-validation -> a model of all issues
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indexer.encoding import load as load_encoder
from indexer.errors import UsageError
from retrieval.localization.features import FEATURES
from retrieval.localization.locator import STAGE, by_file, shares_of
from retrieval.ranking.scaling import Vector

from ..benchmarks import tables
from ..benchmarks.bootstrap import difference, estimate
from ..benchmarks.figures import RankedFigures
from ..benchmarks.locate import MAIN, score
from ..benchmarks.report import BenchmarkReport, ReportTable
from ..datasets import clones, targets
from ..datasets.issues import Issue, load
from ..datasets.steps import Say
from . import issues, past, ranker_folder, validation
from .issues import IssueCase
from .reranker import Group, Model, TreeParams, partition, train

PARAMS = TreeParams(trees=120, rate=0.08, l2=20.0, features=0.3, rows=0.6, smallest=30, ridge=1.0, linear=1.0)
"""Parameters of training. Most alternatives score about the same on a few hundred issues."""

HARD = 200
"""Maximum candidates per issue in training. The best candidates in the hand-made order are taken."""
SUMMED = "summed: "
"""Prefix of metrics of files in locate's order, which is by the summed chances of each file's functions."""

FOLDER, NAMES = STAGE.folder, STAGE.names
RANKS = "the functions that may have to change for an issue"

Values = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class LocalizationSources:
    """What to learn from: a file of issues, clones of their repositories, and the cache of `issues.cases`.

    Repositories in `leave_out` are ignored. The file `exclude` lists repositories that must not occur. Up to
    `commits` past commits of each repository are learned from as well. The card calls the sets by the names
    in `described`.
    """

    issues: Path
    repos: tuple[Path, ...]
    cache: Path
    exclude: Path | None = None
    leave_out: tuple[str, ...] = ()
    commits: int = 0
    described: tuple[str, ...] = ()


def fit(
    sources: LocalizationSources,
    out: Path | None,
    *,
    folds: int = 8,
    repeats: int = 3,
    ablation: bool = False,
    seed: int = 0,
    say: Say = lambda line: None,
) -> BenchmarkReport:
    """Cross-validate, train on all issues, and write the model to a folder in `out` unless `out` is None.

    Raises UsageError if issues are missing or held out. Raises Unsupported without LightGBM.
    """
    if out is not None:
        ranker_folder.check(out / FOLDER)
    cases, more = collect(sources, say)
    params = replace(PARAMS, seed=seed)
    learned = judged(cases, more, params, NAMES, folds, repeats, say)
    model = train([thinned(case) for case in cases] + more, NAMES, params)
    without = _without_groups(cases, more, params, folds, say) if ablation else {}
    if out is not None:
        about = {
            "ranks": RANKS,
            "sources": list(sources.described) or [sources.issues.resolve().name],
            "questions": len(cases),
            "repositories": len({case.repo for case in cases}),
            "metric": MAIN,
            "measured": validation.measured(
                [case.kind for case in cases], learned[MAIN], seed, "issues", "the issue "
            ),
        }
        ranker_folder.write(out / FOLDER, FOLDER, model, about)
    return report(cases, learned, without, model, seed)


def collect(sources: LocalizationSources, say: Say) -> tuple[list[IssueCase], list[Group]]:
    """The cases of issues, and the groups of past commits. Raises UsageError if a repository is held out."""
    held_out = clones.excluded_parts(sources.exclude)
    rows = [issue for issue in load(sources.issues) if issue.repo not in sources.leave_out]
    for issue in rows:
        if clones.last_part(issue.repo) in held_out:
            raise UsageError(f"{sources.issues}: {issue.repo} is held out; leave its issues out")
    encoder = load_encoder()
    cases = list(issues.cases(rows, sources.repos, sources.cache, encoder, say))
    if len({case.repo for case in cases}) < 2:
        raise UsageError(f"{sources.issues}: fewer than two repositories have usable issues; add clones")
    more = []
    if sources.commits:
        first: dict[str, Issue] = {}
        for issue in rows:
            first.setdefault(issue.repo, issue)
        more = [
            thinned(one)
            for issue in first.values()
            for one in past.kept(issue, sources.cache, sources.commits, encoder)
        ]
    return cases, more


def judged(
    cases: Sequence[IssueCase],
    more: Sequence[Group],
    params: TreeParams,
    names: Sequence[str],
    folds: int,
    repeats: int,
    say: Say,
) -> Values:
    """The metrics of each issue, as means over `repeats` random partitions.

    The models that score an issue are trained without the issue's repository.
    """
    values: Values = {}
    for repeat in range(repeats):
        say(f"cross-validation {repeat + 1}/{repeats}")
        scores = unseen(cases, more, replace(params, seed=params.seed + repeat), names, folds)
        for number, (case, one) in enumerate(zip(cases, scores, strict=True)):
            found = score(case.ranking(one), case.wanted) | _summed(case, one)
            for metric, value in found.items():
                values.setdefault(metric, [0.0] * len(cases))[number] += value / repeats
    return values


def _summed(case: IssueCase, scores: Vector) -> dict[str, float]:
    """The metrics of the files, ordered by the summed chances of the functions in each file."""
    files, wanted = list(by_file(case.functions, shares_of(scores))), {f.path for f in case.wanted}
    return {f"{SUMMED}file Acc@{k}": targets.all_gold(files, wanted, k) for k in (1, 3, 5)}


def unseen(
    cases: Sequence[IssueCase], more: Sequence[Group], params: TreeParams, names: Sequence[str], folds: int
) -> list[Vector]:
    """The scores of each case, by a model that was trained without the case's repository."""
    columns = [NAMES.index(name) for name in names]
    groups = [replace(g, features=g.features[:, columns]) for g in (*map(thinned, cases), *more)]
    found: list[Vector] = [np.zeros(0)] * len(cases)
    for part in partition([case.repo for case in cases], folds, params.seed):
        model = train([g for g in groups if g.repo not in part], names, params)
        for number, case in enumerate(cases):
            if case.repo in part:
                found[number] = model.trees.predict(case.features[:, columns])
    return found


def thinned(case: IssueCase) -> Group:
    """The group of a case, reduced to its HARD best candidates in the hand-made order.

    The other candidates teach little and would cost most of the time. Gold functions among them are left out
    as well, because they would teach that low-ranked candidates are gold.
    """
    group = case.group()
    kept = np.sort(np.argsort(-case.base, kind="stable")[:HARD])
    return replace(group, features=group.features[kept], found=group.found[kept], before=group.before[kept])


def _without_groups(
    cases: Sequence[IssueCase], more: Sequence[Group], params: TreeParams, folds: int, say: Say
) -> dict[str, Values]:
    """The metrics with all features, and without each group of features."""
    found = {"all": judged(cases, more, params, NAMES, folds, 1, say)}
    for group, left_out in FEATURES.groups.items():
        say(f"without {group}")
        names = [name for name in NAMES if name not in left_out]
        found[group] = judged(cases, more, params, names, folds, 1, say)
    return found


class IssueRankerFigures(RankedFigures, kw_only=True):
    """The answer of `train reranker --task locate --json`.

    `candidate_recall` is the share of issues whose changed functions are all among the candidates, and
    `values` the main metric of each issue.
    """

    task: str
    seed: int
    questions: int
    repositories: Sequence[str]
    candidates: float
    candidate_recall: float
    importance: Mapping[str, float]
    values: Mapping[str, float]


def report(
    cases: Sequence[IssueCase], learned: Values, without: Mapping[str, Values], model: Model, seed: int
) -> BenchmarkReport:
    """The cross-validated figures beside the figures of BM25 and of the hand-made order."""
    summed = {m: str(estimate(values, seed)) for m, values in learned.items() if m.startswith(SUMMED)}
    learned = {m: values for m, values in learned.items() if not m.startswith(SUMMED)}
    ways: dict[str, Values] = {
        "bm25": _scored(cases, [case.bm25 for case in cases]),
        "by hand": _scored(cases, [case.base for case in cases]),
        "learned": learned,
    }
    compared, figures, chart = tables.compared(ways, MAIN, seed)
    recall = [float({f.id for f in c.wanted} <= {f.id for f in c.functions}) for c in cases]
    repos = sorted({case.repo for case in cases})
    found = [*compared, _by_kind(cases, ways, seed), *([_ablation(without, seed)] if without else [])]
    return BenchmarkReport(
        f"locate: {len(cases):,} issues, {len(repos)} repositories, cross-validated by repository",
        found,
        IssueRankerFigures(
            task=FOLDER,
            seed=seed,
            questions=len(cases),
            repositories=repos,
            candidates=round(float(np.mean([len(case.functions) for case in cases])), 1),
            candidate_recall=round(float(np.mean(recall)), 4),
            importance=dict(model.importance),
            values={case.id: learned[MAIN][number] for number, case in enumerate(cases)},
            **figures,
        ),
        [
            f"For {np.mean(recall):.1%} of the issues, all changed functions are candidates. An issue has "
            f"{np.mean([len(case.functions) for case in cases]):.0f} candidates on average.",
            "Learned order, with files ordered by the summed chances of their functions: "
            + ", ".join(f"{metric.removeprefix(SUMMED)} {value}" for metric, value in summed.items())
            + ".",
            f"Seed {seed}.",
        ],
        chart,
    )


def _scored(cases: Sequence[IssueCase], scores: Sequence[Vector]) -> Values:
    values: Values = {}
    for case, one in zip(cases, scores, strict=True):
        for metric, value in score(case.ranking(one), case.wanted).items():
            values.setdefault(metric, []).append(value)
    return values


def _by_kind(cases: Sequence[IssueCase], ways: Mapping[str, Values], seed: int) -> ReportTable:
    """The scores of BM25 and of the learned order, by what the issue names."""
    kinds = [case.kind for case in cases]
    columns = [
        tables.by_group(kinds, ways[way][metric])
        for metric in (MAIN, "file Acc@5")
        for way in ("bm25", "learned")
    ]
    rows = [
        (f"the issue {kind}", str(kinds.count(kind)), *(str(estimate(one[kind], seed)) for one in columns))
        for kind in sorted(set(kinds))
    ]
    head = ("kind", "issues", f"{MAIN} bm25", f"{MAIN} learned", "file Acc@5 bm25", "file Acc@5 learned")
    return ReportTable("By what the issue names", head, tuple(rows))


def _ablation(without: Mapping[str, Values], seed: int) -> ReportTable:
    rows = []
    for group, values in without.items():
        cells = [f"{np.mean(values[metric]):.3f}" for metric in (MAIN, "file Acc@5")]
        change = difference(values[MAIN], without["all"][MAIN], seed)
        rows.append((f"without {group}" if group != "all" else "all features", *cells, str(change)))
    return ReportTable(
        "Without a group of features", ("features", MAIN, "file Acc@5", f"change of {MAIN}"), tuple(rows)
    )
