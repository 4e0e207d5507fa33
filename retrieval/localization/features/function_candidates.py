"""The candidates of an issue: rows of a corpus, and helpers to make columns of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .. import wording
from ..corpus import Ints, Vector
from ..evidence import IssueEvidence
from ..functions import SourceFunction


class FunctionCandidates:
    """Candidates [k] as places in the corpus, in its order."""

    def __init__(self, evidence: IssueEvidence, rows: Ints) -> None:
        self.evidence, self.rows = evidence, rows
        self.files: Ints = evidence.corpus.file[rows]
        self.cache: dict[tuple[str, str], Any] = {}
        """What several features share."""

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def functions(self) -> list[SourceFunction]:
        """The candidates themselves."""
        return [self.evidence.corpus.functions[row] for row in self.rows.tolist()]

    @cached_property
    def heads(self) -> list[str]:
        """[k] the lines in which each says its name and its parameters."""
        return [wording.head(one.text, one.name) for one in self.functions]

    @cached_property
    def owners(self) -> Ints:
        """[k] a number for each one's class."""
        owners: Ints = self.evidence.corpus.owner[self.rows]
        return owners

    @cached_property
    def sentence_cosines(self) -> np.ndarray:
        """[s, k] cosines of the issue's sentences."""
        return self.evidence.sentences(self.rows)

    def of(self, column: Vector) -> Vector:
        """[k] the candidates' values of a column over all functions."""
        found: Vector = column[self.rows]
        return found

    def of_files(self, column: Vector) -> Vector:
        """[k] the values of their files of a column over all files."""
        found: Vector = column[self.files]
        return found

    def each(self, tell: Callable[[SourceFunction], float]) -> Vector:
        """[k] what a function tells of each."""
        return np.array([tell(one) for one in self.functions], np.float64)


def z_scores(values: Vector) -> Vector:
    """In standard deviations above the mean."""
    spread = float(values.std()) if len(values) else 0.0
    found: Vector = (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))
    return found


def reciprocal_ranks(values: Vector) -> Vector:
    """1 / rank, equal ones sharing the better one; 0 for values of zero."""
    rounded = np.round(values, 6)
    ranks = 1.0 + np.searchsorted(np.sort(-rounded), -rounded, "left")
    return np.where(rounded > 0, 1.0 / ranks, 0.0)


def group_best(groups: Ints, values: Vector) -> Vector:
    """Each one's group's best value."""
    numbers, inverse = np.unique(groups, return_inverse=True)
    found = np.full(len(numbers), -np.inf)
    np.maximum.at(found, inverse, values)
    best: Vector = found[inverse]
    return best


def group_mean(groups: Ints, values: Vector) -> Vector:
    """Each one's group's mean."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    means: Vector = (np.bincount(inverse, values) / counts)[inverse]
    return means


def group_rank(groups: Ints, values: Vector) -> Vector:
    """1 / rank within the group; equal ones share the better one."""
    if not len(values):
        return np.zeros(0)
    order = np.lexsort((-values, groups))
    group, value = groups[order], np.round(values[order], 6)
    place = np.arange(len(order))
    begins = np.append(True, group[1:] != group[:-1])
    differs = begins | np.append(True, value[1:] != value[:-1])
    first, tied = (np.maximum.accumulate(np.where(mark, place, 0)) for mark in (begins, differs))
    found = np.empty(len(order))
    found[order] = 1.0 / (1.0 + tied - first)
    return found


def others_best(groups: Sequence[Hashable], values: Vector) -> Vector:
    """The best value of the others of each one's group, 0 where there are none."""
    best: dict[Hashable, list[float]] = {}
    for group, value in zip(groups, values.tolist(), strict=True):
        best.setdefault(group, []).append(value)
    top = {group: [*sorted(found, reverse=True)[:2], 0.0, 0.0][:2] for group, found in best.items()}
    pairs = zip(groups, values.tolist(), strict=True)
    return np.array([top[group][1] if value >= top[group][0] else top[group][0] for group, value in pairs])
