"""Scores a data set in BEIR's layout with the real store and the real searcher.

load -> points -> store -> ask with every profile -> metrics -> report
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from indexer.encoding.types import Encoder

from ..datasets import corpus
from ..datasets.corpus import Corpus
from ..datasets.dataset import Dataset, DatasetQuestion
from ..datasets.steps import Say
from . import metrics, peers, questions, tables
from .figures import BeirFigures, IndexCosts
from .report import BenchmarkReport
from .runs import DEPTH, Run, run

CONTINUE = "continue"
"""The task whose queries are code before a cursor. The queries of other tasks are words."""


def measure(
    data: Dataset,
    encoder: Encoder,
    task: str,
    profiles: Sequence[str],
    rivals: Sequence[str] = (),
    seed: int = 0,
    say: Say = lambda line: None,
) -> BenchmarkReport:
    """The quality and the costs of each profile and each peer.

    Calls `say` if items without a language make the language filter incomplete.
    """
    if task == CONTINUE and (remark := _unfiltered(data)):
        say(remark)
    points, name = corpus.documents(data.documents, encoder)
    with corpus.indexed(points, encoder, name) as indexed:
        if task == CONTINUE:
            ours = continued(indexed, encoder, data, profiles)
        else:
            ours = asked(indexed, data.questions, task, profiles)
        runs = [*ours, *(_rival(data, rival) for rival in rivals)]
        built = IndexCosts(round(indexed.seconds, 3), round(indexed.disk_bytes / 1e6, 1))
    columns = {one.name: metrics.evaluate(data.relevant, one.rankings) for one in runs}
    found, figures, chart = tables.summary(columns, {one.name: one.costs for one in runs}, seed)
    queries, documents = len(data.questions), len(data.documents)
    note = f"Indexed in {built.index_seconds:.1f} s, {built.index_mb:.0f} MB on disk; seed {seed}."
    return BenchmarkReport(
        f"{data.name}, {task}: {queries:,} queries, {documents:,} documents",
        found,
        BeirFigures(
            data=data.name,
            task=task,
            seed=seed,
            queries=queries,
            documents=documents,
            index=built,
            **figures,
        ),
        [note],
        chart,
    )


def _unfiltered(data: Dataset) -> str:
    """A remark about documents and questions without a language. Returns "" if all have a language."""
    documents, questions = data.nameless
    whole = ((documents, len(data.documents), "documents"), (questions, len(data.questions), "queries"))
    parts = [f"{count:,} of {total:,} {what}" for count, total, what in whole if count]
    if not parts:
        return ""
    return (
        f"{data.name}: {' and '.join(parts)} name no language; a document is left out only if query and "
        f"document name different languages"
    )


def asked(
    indexed: Corpus, rows: Sequence[DatasetQuestion], task: str, profiles: Sequence[str]
) -> list[Run[str]]:
    """A run of all questions with the searcher for each profile."""
    queries = {question.id: questions.TASKS[task](question) for question in rows}
    answer = indexed.searcher.answer
    return [
        run(profile, queries, partial(answer, limit=DEPTH, per_file=DEPTH, profile=profile), indexed.name)
        for profile in profiles
    ]


def continued(indexed: Corpus, encoder: Encoder, data: Dataset, profiles: Sequence[str]) -> list[Run[str]]:
    """A run of all questions with the ranking of continue for each profile."""
    read = {question.id: questions.prefix(question) for question in data.questions}
    return [
        run(profile, read, questions.answerer(indexed, encoder, profile), indexed.name)
        for profile in profiles
    ]


def _rival(data: Dataset, name: str) -> Run[str]:
    ranker = peers.over(name, [f"{row.title}\n{row.text}" for row in data.documents])
    texts: Mapping[str, str | None] = {question.id: question.text for question in data.questions}
    return run(name, texts, lambda text: ranker(text, DEPTH), lambda number: data.documents[number].id)
