"""Makes training groups for the two stages of search from questions with known answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from indexer.encoding.types import Encoder
from retrieval.query import Query
from retrieval.ranking.reranker import CandidateSet
from retrieval.ranking.tree_ensemble import TreeEnsemble
from retrieval.search import ranker
from retrieval.search.evidence import FUSED, FileEvidence
from retrieval.searcher import Searcher

from ..benchmarks.questions import parsed
from ..benchmarks.trees import indexed
from ..datasets import annotated, corpus, dataset, reading
from ..datasets.annotated import AnnotatedRepository
from ..datasets.steps import Say
from ..datasets.targets import Target, TargetLocation
from . import mined
from .reranker import Group


def about_functions(
    folder: Path, encoder: Encoder, usable: mined.Usable, seed: int, say: Say
) -> Iterator[Group]:
    """Groups for the first stage, from questions about mined functions (see `mined`).

    The rows of these groups are fragments.
    """
    for number, asked in enumerate(mined.gather(folder, encoder, usable, seed), 1):
        say(f"{number} {asked.name}: {len(asked.questions)} questions")
        with asked.index() as stored:
            for one in asked.questions:
                found = _found(stored.searcher, one.text.replace('"', " "))
                if found is not None:
                    yield _about_function(one, *found)


def _about_function(asked: mined.MinedQuestion, query: Query, found: CandidateSet) -> Group:
    read = ranker.read_fragments(query, found)
    right = [(c.path, c.symbol) in asked.answers for c in read.fragments]
    before = np.array([c.fused for c in read.fragments])
    features = ranker.FRAGMENT_STAGE.matrix(read)
    return Group(asked.repo, asked.kind, features, np.array(right, bool)[:, None], before)


def about_trees(questions: Path, trees: Path, model: TreeEnsemble, say: Say) -> Iterator[Group]:
    """Groups for the second stage, from annotated questions about trees (see `datasets.annotated`).

    Each tree is indexed. Here and in `of_dataset`, the rows of a group are files, and `model` is the model of
    the first stage.
    """
    repositories, absent = annotated.load(questions, trees)
    if absent:
        say(f"left out, because they are not checked out: {', '.join(absent)}")
    for number, repository in enumerate(repositories, 1):
        say(f"{number}/{len(repositories)} {repository.name}: {len(repository.questions)} questions")
        yield from _about_tree(repository, model)


def of_dataset(folder: Path, encoder: Encoder, split: str, model: TreeEnsemble, say: Say) -> Iterator[Group]:
    """Groups for the second stage, from the questions of a data set in BEIR's layout.

    The metadata of the documents name the repositories.
    """
    data = dataset.load(folder, split)
    repo_of = _repositories(folder)
    points, _ = corpus.documents(data.documents, encoder)
    ids = corpus.places(data.documents)
    say(f"{folder.name}: {len(data.questions):,} questions, {len(data.documents):,} documents")
    with corpus.indexed(points, encoder, lambda hit: ids[hit.path]) as stored:
        for question in data.questions:
            relevant = list(data.relevant[question.id])
            pool = _pool(stored.searcher, question.text, model)
            if pool is not None:
                found = [[ids[path] == one for one in relevant] for path in pool.paths]
                yield _group(pool, repo_of.get(relevant[0], folder.name), mined.PLAIN, found)


def _about_tree(repository: AnnotatedRepository, model: TreeEnsemble) -> Iterator[Group]:
    with indexed(repository.folder, "") as index:
        searcher = Searcher(index.store, index.encoder, index.tenant)
        for asked in repository.questions:
            pool = _pool(searcher, asked.text, model)
            if pool is not None:
                yield _group(pool, repository.name, asked.category, _finding(pool, asked.targets))


def _found(searcher: Searcher, text: str) -> tuple[Query, CandidateSet] | None:
    """The query and its candidates. Returns None if the question has no words or no candidates."""
    query = parsed(text)
    if query is None:
        return None
    found = searcher.candidate_set(query)
    return (query, found) if found.candidates else None


def _pool(searcher: Searcher, text: str, model: TreeEnsemble) -> FileEvidence | None:
    """The candidates of a question, scored by the first stage. Returns None if `_found` returns None."""
    answer = _found(searcher, text)
    if answer is None:
        return None
    query, found = answer
    ranker.score_fragments(model, query, found)
    return FileEvidence(query, found.candidates, found.file_scores)


def _group(pool: FileEvidence, repo: str, kind: str, found: Sequence[Sequence[bool]]) -> Group:
    return Group(
        repo,
        kind,
        ranker.FILE_STAGE.matrix(pool),
        np.array(found, bool),
        pool.max_by_file(pool.scores[FUSED]),
    )


def _finding(pool: FileEvidence, targets: Sequence[Target]) -> list[list[bool]]:
    found = [[False] * len(targets) for _ in pool.paths]
    for file, one in zip(pool.file.tolist(), pool.fragments, strict=True):
        place = TargetLocation(one.path, int(one.payload["start_line"]), int(one.payload["end_line"]))
        for number, target in enumerate(targets):
            found[file][number] |= target.found_in(place)
    return found


def _repositories(folder: Path) -> dict[str, str]:
    """The repository of each document, from its metadata."""
    found = {}
    for _, row in reading.objects(folder / "corpus.jsonl"):
        about = row.get("metadata")
        if isinstance(about, dict) and isinstance(about.get("repo"), str):
            found[str(row["_id"])] = about["repo"]
    return found
