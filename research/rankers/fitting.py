"""Trains the two stages of search: collects groups, cross-validates, trains on all groups, writes the models.

first stage   mined functions -> groups of fragments -> a model
second stage  annotated questions, data sets -> scores of the first stage -> groups of files -> a model
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.encoding import load as load_encoder
from indexer.errors import UsageError
from retrieval.ranking.tree_ensemble import TreeEnsemble
from retrieval.search import ranker

from ..benchmarks.report import BenchmarkReport
from ..datasets import annotated, clones
from ..datasets.reading import document
from ..datasets.steps import Say
from ..encoder import plan
from . import questions, ranker_folder, validation
from .reranker import Group, TreeParams, cross_validate, train

STAGES = {stage.folder: stage for stage in (ranker.FRAGMENT_STAGE, ranker.FILE_STAGE)}
FRAGMENT_MODEL, FILE_MODEL = STAGES
FIRST_PARAMS = TreeParams(rate=0.07, l2=10.0, features=0.4)
"""Parameters of the first stage, chosen on a part of the mined repositories. The first stage has more
training data than the second stage, which uses the defaults of TreeParams."""
_FIRST_FOLDS = 4

RANKS = {
    FRAGMENT_MODEL: "the fragments which may answer a question about code, each by itself",
    FILE_MODEL: "the files which may answer a question about code",
}
MINED = "documentation and names of functions of permissive repositories, mined with `cornea train mine`"

Peers = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class RerankerSources:
    """What the two stages learn from.

    The first stage learns from the mined functions in the folder `pairs`. If `config` is the file of an
    encoder's plan, the first stage uses only the repositories that the encoder does not learn from. The
    second stage learns from annotated `questions` about the checked-out `trees`, and from the data sets
    `data` in BEIR's layout. The file `exclude` lists repositories that must not be learned from. The card
    calls the sets of the second stage by the names in `described`.
    """

    questions: Path | None
    trees: Path | None
    data: tuple[Path, ...]
    split: str
    exclude: Path | None
    described: tuple[str, ...] = ()
    pairs: Path | None = None
    config: Path | None = None

    def names(self) -> list[str]:
        """The names that the card gives to the sets that the second stage learns from."""
        return list(self.described) or [
            path.resolve().name for path in (self.questions, *self.data) if path is not None
        ]


def fit(
    sources: RerankerSources,
    out: Path | None,
    *,
    folds: int,
    repeats: int,
    seed: int,
    say: Say = lambda line: None,
) -> BenchmarkReport:
    """Cross-validate, train on all questions, and write the models to folders in `out` unless `out` is None.

    Raises UsageError if a source is missing, malformed or held out. Raises Unsupported without LightGBM.
    """
    for name in (FRAGMENT_MODEL, FILE_MODEL):
        if out is not None:
            ranker_folder.check(out / name)
    reports = []
    model = None
    if sources.pairs is not None:
        groups = list(mined(sources, sources.pairs, seed, say))
        told = [f"{MINED}: {', '.join(sorted({group.repo for group in groups}))}"]
        params = replace(FIRST_PARAMS, seed=seed)
        model, report = _stage(FRAGMENT_MODEL, groups, told, params, out, (min(folds, _FIRST_FOLDS), 1), say)
        reports.append(report)
    if sources.questions is not None or sources.data:
        groups = list(gather(sources, model or ranker.FRAGMENT_STAGE.model, say))
        peers = annotated.published(sources.questions) if sources.questions is not None else {}
        how = (folds, repeats)
        _, report = _stage(FILE_MODEL, groups, sources.names(), TreeParams(seed=seed), out, how, say, peers)
        reports.append(report)
    return reports[0] if len(reports) == 1 else validation.joined(reports)


def mined(sources: RerankerSources, folder: Path, seed: int, say: Say) -> Iterator[Group]:
    """The groups of the first stage, without repositories that are held out or have annotated questions."""
    without = clones.excluded_parts(sources.exclude)
    if sources.questions is not None:
        rows = document(sources.questions / "repos.json")
        without |= {clones.last_part(str(row.get("name"))) for row in rows if isinstance(row, dict)}
    kept = None if sources.config is None else plan.read(sources.config).for_rankers

    def usable(name: str) -> bool:
        return clones.last_part(name) not in without and (kept is None or name in kept)

    yield from questions.about_functions(folder, load_encoder(), usable, seed, say)


def gather(sources: RerankerSources, model: TreeEnsemble, say: Say) -> Iterator[Group]:
    """The groups of the second stage. Raises UsageError if the repository of a group is held out."""
    held_out = clones.excluded_parts(sources.exclude)
    for group in _groups(sources, model, say):
        if clones.last_part(group.repo) in held_out:
            raise UsageError(f"{group.repo} is held out; remove its questions from the training data")
        yield group


def _stage(
    name: str, groups: Sequence[Group], told: Sequence[str], params: TreeParams, out: Path | None,
    how: tuple[int, int], say: Say, peers: Peers | None = None,
) -> tuple[TreeEnsemble, BenchmarkReport]:  # fmt: skip
    names = STAGES[name].names
    folds, repeats = how
    values = cross_validate(groups, names, params, folds=folds, repeats=repeats, say=say)
    model = train(groups, names, params)
    if out is not None:
        about = {
            "ranks": RANKS[name],
            "sources": list(told),
            "questions": len(groups),
            "repositories": len({group.repo for group in groups}),
            "measured": validation.measured(
                [group.kind for group in groups], values, params.seed, "questions"
            ),
        }
        ranker_folder.write(out / name, name, model, about)
    report = validation.report(name, groups, values, model, params.seed)
    if peers:
        others = validation.beside(peers, groups, values, params.seed)
        report = replace(report, tables=[*report.tables, others])
    return model.trees, report


def _groups(sources: RerankerSources, model: TreeEnsemble, say: Say) -> Iterator[Group]:
    if sources.questions is not None and sources.trees is not None:
        yield from questions.about_trees(sources.questions, sources.trees, model, say)
    if sources.data:
        encoder = load_encoder()
        for folder in sources.data:
            yield from questions.of_dataset(folder, encoder, sources.split, model, say)
