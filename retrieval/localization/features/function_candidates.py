"""The candidates of an issue, and helper functions for computing features of the candidates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from ...ranking import wording
from ...ranking.scaling import Ints, Vector, reciprocal_ranks
from ..evidence import IssueEvidence
from ..functions import SourceFunction

DIGITS = 6
"""Values are rounded to this number of decimals before they are ranked."""


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
        return self.evidence.corpus.owner[self.rows]

    @cached_property
    def sentence_cosines(self) -> Vector:
        """The cosines of the issue's sentences with the candidates [s, k]."""
        return self.evidence.sentences(self.rows)

    def of(self, column: Vector) -> Vector:
        """The candidates' values [k], from a column with the values of all functions [n]."""
        return column[self.rows]

    def of_files(self, column: Vector) -> Vector:
        """The values of the candidates' files [k], from a column with the values of all files [f]."""
        return column[self.files]

    def each(self, tell: Callable[[SourceFunction], float]) -> Vector:
        """The results of `tell` for all candidates [k]."""
        return np.array([tell(one) for one in self.functions], np.float64)


Feature = Callable[[FunctionCandidates], Vector]


def ranks(values: Vector) -> Vector:
    """1 / rank of each value; 0 for values that are not positive. Equal values share their best rank."""
    return reciprocal_ranks(values, DIGITS, positive=True)


def functions(column: Callable[[IssueEvidence], Vector]) -> Feature:
    """A feature, from a function that returns the values of all functions of the corpus [n]."""
    return lambda p: p.of(column(p.evidence))


def files(column: Callable[[IssueEvidence], Vector]) -> Feature:
    """A feature of the candidate's file, from a function that returns the values of all files [f]."""
    return lambda p: p.of_files(column(p.evidence))


def each(tell: Callable[[SourceFunction], float]) -> Feature:
    """A feature, from a function that returns the value of one candidate."""
    return lambda p: p.each(tell)


def issue(tell: Callable[[IssueEvidence], float]) -> Feature:
    """A feature with the same value for all candidates."""
    return lambda p: np.full(len(p), float(tell(p.evidence)))
