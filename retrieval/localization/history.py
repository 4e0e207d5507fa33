"""Evidence from past commits.

Code that was changed by commits whose messages resemble the issue may have to change again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.encoding import bm25
from indexer.index.commits import Commit

from ..ranking.scaling import Ints, Vector
from .corpus import FunctionCorpus, indexes_of, maxima, numbered, postings, sums, weight_array

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


class CommitChanges:
    """Which commits changed which of `size` items: the commit `commits[k]` changed the item `items[k]`."""

    def __init__(self, pairs: Iterable[tuple[int, int]], size: int) -> None:
        self.commits, self.items = np.array([*pairs], np.int64).reshape(-1, 2).T
        self.size = size

    def counts(self) -> Vector:
        """How often each item was changed. Older changes weigh less."""
        return sums(self.items, np.exp2(-self.commits / _HALF), self.size)

    def recency(self) -> Vector:
        """The recency of each item's last change.

        The recency is 1 for a change by the newest commit, less for older commits, and 0 without a change.
        """
        return maxima(self.items, 1.0 / (1.0 + self.commits / _HALF), self.size)

    def similar(self, similarity: Vector) -> CommitSimilarity:
        """The similarities of the commits that changed each item, from those of all commits."""
        values = similarity[self.commits]
        best, which = np.zeros(self.size), np.full(self.size, -1, np.int64)
        order = np.argsort(values, kind="stable")
        best[self.items[order]] = values[order]  # for each item, the highest value is written last
        which[self.items[order]] = self.commits[order]
        return CommitSimilarity(best, sums(self.items, values**2, self.size), which)


class History:
    """The commits [c], newest first, and their changes of the files and functions of a corpus.

    `breadth` [c] is lower for commits that changed many files.
    """

    def __init__(self, corpus: FunctionCorpus, commits: Sequence[Commit]) -> None:
        self.commits = commits
        bags = bm25.term_counts([commit.message for commit in commits])
        self._terms = np.unique(bags.term_ids)
        bags = numbered(bags, self._terms)
        self._messages = postings(bags, len(self._terms))
        frequency = np.bincount(bags.term_ids, minlength=len(self._terms))
        self._idf = np.log1p((len(commits) - frequency + 0.5) / (frequency + 0.5))
        numbers = corpus.file_numbers
        of_files = ((c, numbers[p]) for c, one in enumerate(commits) for p in one.paths if p in numbers)
        self.files = CommitChanges(of_files, len(corpus.paths))
        # A commit names functions by path and bare name, which several functions may have.
        named = indexes_of((function.path, function.name) for function in corpus.functions)
        changed = ((c, named.get(key, ())) for c, one in enumerate(commits) for key in one.functions)
        of_functions = ((c, i) for c, found in changed if len(found) <= _AMBIGUOUS for i in found)
        self.functions = CommitChanges(of_functions, len(corpus))
        self.breadth = 1.0 / np.log2(2.0 + np.bincount(self.files.commits, minlength=len(commits)))

    def similarity(self, weights: Mapping[int, float]) -> Vector:
        """The BM25 score of each commit's message, divided by the total weight of the query [c]."""
        return self._messages.of(weight_array(weights, self._terms) * self._idf)

    def together(self, scores: Vector) -> Vector:
        """How often each file was changed together with the five files that have the highest scores [f]."""
        commits, files, size = self.files.commits, self.files.items, self.files.size
        order = np.argsort(-scores, kind="stable")[:5]
        chosen = np.zeros(size)
        chosen[order] = scores[order]
        best = maxima(commits, chosen[files], len(self.commits))
        value = (best * self.breadth)[commits] * (chosen[files] == 0)
        many = np.bincount(files, minlength=size)
        return sums(files, value, size) / np.sqrt(np.maximum(1.0, many))
