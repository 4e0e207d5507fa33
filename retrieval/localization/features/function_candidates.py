"""The candidates of an issue, and helper functions for computing features of the candidates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from ...ranking import wording
from ..corpus import Ints, Vector
from ..evidence import IssueEvidence
from ..functions import SourceFunction


class FunctionCandidates:
    """The `k` candidates of an issue. `rows` are their sorted indexes in the corpus."""

    def __init__(self, evidence: IssueEvidence, rows: Ints) -> None:
        self.evidence, self.rows = evidence, rows
        self.files: Ints = evidence.corpus.file[rows]
        self.cache: dict[tuple[str, str], Any] = {}
        """Values that several features use."""

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def functions(self) -> list[SourceFunction]:
        """The functions that are candidates [k]."""
        return [self.evidence.corpus.functions[row] for row in self.rows.tolist()]

    @cached_property
    def heads(self) -> list[str]:
        """The lines with the name and the parameters of each candidate [k]."""
        return [wording.head(one.text, one.name) for one in self.functions]

    @cached_property
    def owners(self) -> Ints:
        """The number of the class of each candidate, as in `FunctionCorpus.owner` [k]."""
        owners: Ints = self.evidence.corpus.owner[self.rows]
        return owners

    @cached_property
    def sentence_cosines(self) -> np.ndarray:
        """The cosines of the issue's sentences with the candidates [s, k]."""
        return self.evidence.sentences(self.rows)

    def of(self, column: Vector) -> Vector:
        """The candidates' values [k], from a column with the values of all functions [n]."""
        found: Vector = column[self.rows]
        return found

    def of_files(self, column: Vector) -> Vector:
        """The values of the candidates' files [k], from a column with the values of all files [f]."""
        found: Vector = column[self.files]
        return found

    def each(self, tell: Callable[[SourceFunction], float]) -> Vector:
        """The results of `tell` for all candidates [k]."""
        return np.array([tell(one) for one in self.functions], np.float64)


def z_scores(values: Vector) -> Vector:
    """The difference of each value from the mean, in standard deviations; zeros if all values are equal."""
    spread = float(values.std()) if len(values) else 0.0
    found: Vector = (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))
    return found


def reciprocal_ranks(values: Vector) -> Vector:
    """1 / rank of each value; 0 for values that are not positive. Equal values share their best rank."""
    rounded = np.round(values, 6)
    ranks = 1.0 + np.searchsorted(np.sort(-rounded), -rounded, "left")
    return np.where(rounded > 0, 1.0 / ranks, 0.0)


def group_best(groups: Ints, values: Vector) -> Vector:
    """For each value, the highest value in its group."""
    numbers, inverse = np.unique(groups, return_inverse=True)
    found = np.full(len(numbers), -np.inf)
    np.maximum.at(found, inverse, values)
    best: Vector = found[inverse]
    return best


def group_mean(groups: Ints, values: Vector) -> Vector:
    """For each value, the mean of its group."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    means: Vector = (np.bincount(inverse, values) / counts)[inverse]
    return means


def group_rank(groups: Ints, values: Vector) -> Vector:
    """1 / rank of each value within its group. Equal values share the best of their ranks."""
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
