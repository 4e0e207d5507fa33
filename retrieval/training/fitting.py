"""Fitting the search reranker: groups from every source, cross-validation, one model of all, its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.embedding import load as load_encoder
from indexer.errors import UsageError

from ..evaluation import clones
from ..evaluation.report import Report
from ..search.features import FEATURES
from . import questions, ranker_folder, validation
from .reranker import Group, Params, cross_validate, train

TASK = "search"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sources:
    """What to learn from: annotated questions with their trees, and data sets in BEIR's layout.

    `exclude` is a file of repositories that must not be among them; `described` says what the sets are.
    """

    questions: Path | None
    trees: Path | None
    data: tuple[Path, ...]
    split: str
    exclude: Path | None
    described: tuple[str, ...] = ()

    def names(self) -> list[str]:
        """The sets that labels come from, as the card names them."""
        return list(self.described) or [
            path.resolve().name for path in (self.questions, *self.data) if path is not None
        ]


def fit(
    sources: Sources, out: Path | None, *, folds: int, repeats: int, seed: int, say: Say = lambda line: None
) -> Report:
    """Cross-validate, train on all questions, write the model to `out` if that is given.

    Raises UsageError for sources that are missing, malformed or held out, Unsupported without LightGBM.
    """
    if out is not None:
        ranker_folder.check(out)
    groups = list(gather(sources, say))
    names = list(FEATURES)
    params = Params(seed=seed)
    values = cross_validate(groups, names, params, folds=folds, repeats=repeats, say=say)
    model = train(groups, names, params)
    if out is not None:
        about = {
            "sources": sources.names(),
            "questions": len(groups),
            "repositories": len({group.repo for group in groups}),
            "measured": validation.measured(groups, values, seed),
        }
        ranker_folder.write(out, TASK, model, about)
    return validation.report(TASK, groups, values, model, seed)


def gather(sources: Sources, say: Say) -> Iterator[Group]:
    """The groups of all sources. Raises UsageError for a repository that is held out."""
    held_out = {_last(name) for name in clones.excluded(sources.exclude)}
    for group in _groups(sources, say):
        if _last(group.repo) in held_out:
            raise UsageError(f"{group.repo} is held out; leave its questions out of what is learned from")
        yield group


def _groups(sources: Sources, say: Say) -> Iterator[Group]:
    if sources.questions is not None and sources.trees is not None:
        yield from questions.about_trees(sources.questions, sources.trees, say)
    if sources.data:
        encoder = load_encoder()
        for folder in sources.data:
            yield from questions.of_dataset(folder, encoder, sources.split, say)


def _last(name: str) -> str:
    """Without an owner to compare the last part decides: rather one too many."""
    return name.rpartition("/")[2].lower()
