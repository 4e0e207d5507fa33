"""Evidence from past commits.

Code that was changed by commits whose messages resemble the issue may have to change again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.encoding import bm25
from indexer.index.commits import Commit

from ..ranking.scaling import Ints, Vector
from .corpus import FunctionCorpus, Postings, maxima, numbered, postings, sums, weight_array

_HALF = 150.0
"""Of two changes, the change that is this number of commits older weighs half as much."""
_AMBIGUOUS = 4
"""If a file has more functions of one name than this number, changes of these functions are ignored."""


@dataclass(frozen=True, slots=True)
class CommitSimilarity:
    """The similarities of an issue to the commits that changed each item. The items are files or functions.

    `best` is the highest similarity, and `total` the sum of the squared similarities. `commit` is the index
    of the commit with the highest similarity, or -1 if no commit changed the item.
    """

    best: Vector
    total: Vector
    commit: Ints


class History:
    """The commits [c], newest first, that changed the files and functions of a corpus."""

    def __init__(self, corpus: FunctionCorpus, commits: Sequence[Commit]) -> None:
        self.commits = commits
        bags = bm25.term_counts([commit.message for commit in commits])
        self._terms = np.unique(bags.term_ids)
        bags = numbered(bags, self._terms)
        self._messages: Postings = postings(bags, len(self._terms))
        frequency = np.bincount(bags.term_ids, minlength=len(self._terms))
        self._idf = np.log1p((len(commits) - frequency + 0.5) / (frequency + 0.5))
        self._age = np.arange(len(commits), dtype=np.float64)
        self._of_files = _pairs(corpus, commits)
        self._of_functions = _function_pairs(corpus, commits)
        self._breadth = 1.0 / np.log2(
            2.0 + np.bincount(self._of_files[0], minlength=len(commits)).astype(np.float64)
        )
        self._files, self._functions = len(corpus.paths), len(corpus)

    def __len__(self) -> int:
        return len(self.commits)

    def similarity(self, weights: Mapping[int, float]) -> Vector:
        """The BM25 score of each commit's message, divided by the total weight of the query [c]."""
        query = weight_array(weights, self._terms) * self._idf
        most = float(query.sum())
        return self._messages.of(query) / most if most else np.zeros(len(self))

    def of_files(self, similarity: Vector) -> CommitSimilarity:
        """The similarities of the commits that changed each file [f]."""
        return self._gather(*self._of_files, similarity, self._files)

    def of_functions(self, similarity: Vector) -> CommitSimilarity:
        """The similarities of the commits that changed each function [n]."""
        return self._gather(*self._of_functions, similarity, self._functions)

    def changes(self) -> tuple[Vector, Vector]:
        """How often each file [f] and each function [n] was changed. Older changes weigh less."""
        decay = np.exp2(-self._age / _HALF)
        files = sums(self._of_files[1], decay[self._of_files[0]], self._files)
        functions = sums(self._of_functions[1], decay[self._of_functions[0]], self._functions)
        return files, functions

    def last_change(self) -> tuple[Vector, Vector]:
        """The recency of the last change of each file [f] and of each function [n].

        The recency is 1 for a change by the newest commit, less for older commits, and 0 without a change.
        """
        fresh = 1.0 / (1.0 + self._age / _HALF)
        files = maxima(self._of_files[1], fresh[self._of_files[0]], self._files)
        functions = maxima(self._of_functions[1], fresh[self._of_functions[0]], self._functions)
        return files, functions

    def together(self, scores: Vector) -> Vector:
        """How often each file was changed together with the five files that have the highest scores [f]."""
        commits, files = self._of_files
        if not len(commits):
            return np.zeros(self._files)
        order = np.argsort(-scores, kind="stable")[:5]
        chosen = np.zeros(self._files)
        chosen[order] = scores[order]
        best = maxima(commits, chosen[files], len(self))
        value = (best * self._breadth)[commits] * (chosen[files] == 0)
        many = np.bincount(files, minlength=self._files)
        return sums(files, value, self._files) / np.sqrt(np.maximum(1.0, many))

    def _gather(self, commits: Ints, items: Ints, similarity: Vector, size: int) -> CommitSimilarity:
        values = (similarity * self._breadth)[commits]
        best, which = np.zeros(size), np.full(size, -1, np.int64)
        order = np.argsort(values, kind="stable")
        best[items[order]] = values[order]  # for each item, the highest value is written last
        which[items[order]] = commits[order]
        return CommitSimilarity(best, sums(items, values**2, size), which)


def _pairs(corpus: FunctionCorpus, commits: Sequence[Commit]) -> tuple[Ints, Ints]:
    """The pairs of a commit and a file that the commit changed, as two arrays of indexes."""
    number = {path: i for i, path in enumerate(corpus.paths)}
    pairs = [(c, number[p]) for c, commit in enumerate(commits) for p in commit.paths if p in number]
    array = np.array(pairs, np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def _function_pairs(corpus: FunctionCorpus, commits: Sequence[Commit]) -> tuple[Ints, Ints]:
    """The pairs of a commit and a function that the commit changed, as two arrays of indexes.

    A commit names changed functions by path and bare name. All functions with this path and name count as
    changed.
    """
    named: dict[tuple[str, str], list[int]] = {}
    for i, function in enumerate(corpus.functions):
        named.setdefault((function.path, function.name), []).append(i)
    pairs = [
        (c, function)
        for c, commit in enumerate(commits)
        for key in commit.functions
        if 0 < len(found := named.get(key, ())) <= _AMBIGUOUS
        for function in found
    ]
    array = np.array(pairs, np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]
