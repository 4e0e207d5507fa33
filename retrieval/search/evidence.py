"""What is known of a question's candidates, as columns: one row a fragment, or one row a file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexer.store import DENSE

from ..query import Query
from ..result import Candidate
from . import naming

Vector = NDArray[np.float64]

LEXICAL, FUSED, LEARNED = "lexical", "fused", "learned"
LEGS = (LEXICAL, DENSE, FUSED, LEARNED)

_TOP = 3
"""So many of a file's best fragments count one by one."""
_DIGITS = 5
"""Engines differ in a score's last digits, and the answers must not."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of a question by file.

    Fragments are in the order of their files, within a file the best by the first stage first: `file` [n] is
    each one's file, `starts` and `counts` [f] are where a file's fragments begin and how many there are.
    `scores` [n] by leg hold a leg's worst where a fragment has none; `whole` [f] is 0 where the whole file's
    BM25 is unknown.
    """

    query: Query
    fragments: Sequence[Candidate]
    paths: Sequence[str]
    file: NDArray[np.intp]
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]
    scores: Mapping[str, Vector]
    whole: Vector

    @staticmethod
    def of(query: Query, candidates: Sequence[Candidate], whole: Mapping[str, float]) -> Pool:
        """Candidates that have been through the first stage, at least one.

        `whole` are whole files' BM25 scores by path.
        """
        ordered = sorted(candidates, key=_place)
        of_each = [c.path for c in ordered]
        paths = list(dict.fromkeys(of_each))
        number = {path: i for i, path in enumerate(paths)}
        file = np.array([number[path] for path in of_each], np.intp)
        starts = np.searchsorted(file, np.arange(len(paths)))
        scores = {leg: column([c.scores.get(leg) for c in ordered]) for leg in (LEXICAL, DENSE, LEARNED)}
        return Pool(
            query,
            ordered,
            paths,
            file,
            starts,
            np.diff(np.append(starts, len(file))),
            scores | {FUSED: column([c.fused for c in ordered])},
            column([whole.get(path, 0.0) for path in paths]),
        )

    def most(self, column: Vector) -> Vector:
        """Each file's highest value [f] of a column [n]."""
        found: Vector = np.maximum.reduceat(column, self.starts)
        return found

    def total(self, column: Vector) -> Vector:
        """Each file's sum [f] of a column [n]."""
        found: Vector = np.add.reduceat(column, self.starts)
        return found

    @property
    def first(self) -> list[Candidate]:
        """Each file's best fragment by the first stage."""
        return [self.fragments[i] for i in self.starts.tolist()]


class Evidence:
    """A pool, and what several features are made of; computed when first asked for."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.query = pool.query
        self.words = naming.Words.of(pool.query.words)

    @cached_property
    def scaled(self) -> Mapping[str, Vector]:
        """[n] by leg: scores scaled to [0, 1] over the fragments."""
        return {leg: scaled(scores) for leg, scores in self.pool.scores.items()}

    @cached_property
    def top(self) -> Mapping[str, Vector]:
        """[f, 3] by leg: each file's best scaled scores, 0 where it has fewer fragments."""
        return {leg: self._top(scores) for leg, scores in self.scaled.items()}

    @cached_property
    def stem(self) -> Vector:
        """[f, w] how well the file's name has each word of the question: 1 the word, less a related one."""
        return self.words.found([naming.of_stem(path) for path in self.pool.paths])

    @cached_property
    def folders(self) -> Vector:
        """[f, w] the same of the folders."""
        return self.words.found([naming.of_folders(path) for path in self.pool.paths])

    @cached_property
    def symbols(self) -> Vector:
        """[f, w] the same of the names of the file's fragments."""
        names: list[set[str]] = [set() for _ in self.pool.paths]
        for candidate, file in zip(self.pool.fragments, self.pool.file.tolist(), strict=True):
            names[file].update(naming.terms(candidate.symbol))
        return self.words.found(names)

    @cached_property
    def rarity(self) -> Vector:
        """[w] weights that sum to 1: words that few of the files are named by count more."""
        named = np.maximum(np.maximum(self.stem, self.folders), self.symbols)
        weights = np.log1p(len(self.pool.paths) / (1.0 + (named > 0).sum(axis=0)))
        total = weights.sum()
        shares: Vector = weights / total if total else weights
        return shares

    @cached_property
    def classes(self) -> Vector:
        """[n] 1 for the head of a class."""
        return self._kind("class")

    @cached_property
    def blocks(self) -> Vector:
        """[n] 1 for code outside of definitions."""
        return self._kind("block")

    @cached_property
    def begins(self) -> Vector:
        """[n] the line that each fragment begins with."""
        return np.array([c.payload["start_line"] for c in self.pool.fragments], np.float64)

    @cached_property
    def lines(self) -> Vector:
        """[n] how many lines each fragment has."""
        ends = np.array([c.payload["end_line"] for c in self.pool.fragments], np.float64)
        return ends - self.begins + 1

    @cached_property
    def defines(self) -> Vector:
        """[n] 1 for the definition that the question names in full, less by its last part alone."""
        if not self.query.names:
            return np.zeros(len(self.pool.fragments))
        return np.array([defined(self.query, c) for c in self.pool.fragments])

    @cached_property
    def defining(self) -> Vector:
        """[n] 1 for a definition that the question names."""
        return (self.defines > 0).astype(np.float64)

    @cached_property
    def own_terms(self) -> list[tuple[str, ...]]:
        """[n] the terms of each definition's own name in order, none of a block."""
        return [
            () if c.payload["kind"] == "block" else naming.in_order(c.symbol.rsplit(".", 1)[-1])
            for c in self.pool.fragments
        ]

    @cached_property
    def own_covered(self) -> Vector:
        """[n] share of the definition's own name that the question has."""
        there = self.words.at
        return np.array([_share(set(own), there) for own in self.own_terms])

    @cached_property
    def own_share(self) -> Vector:
        """[n] share of the question that is in the fragment's qualified name."""
        words = self.words.at.keys()
        many = [len(naming.terms(c.symbol) & words) for c in self.pool.fragments]
        return np.array(many, np.float64) / max(1, len(words))

    @cached_property
    def phrases(self) -> Vector:
        """[n] terms of the definition's own name, where the question has them all in that order; else 0."""
        return np.array([self.words.phrase(own) for own in self.own_terms])

    def _kind(self, kind: str) -> Vector:
        return np.array([float(c.payload["kind"] == kind) for c in self.pool.fragments])

    def _top(self, column: Vector) -> Vector:
        pool = self.pool
        padded = np.append(column[np.lexsort((-column, pool.file))], 0.0)
        places = [np.where(pool.counts > i, pool.starts + i, len(column)) for i in range(_TOP)]
        return np.stack([padded[at] for at in places], axis=1)


def scaled(column: Vector) -> Vector:
    """Values scaled to [0, 1]; all 1 where they are equal."""
    low, high = column.min(), column.max()
    return (column - low) / (high - low) if high > low else np.ones_like(column)


def ranks(column: Vector) -> Vector:
    """1 / rank of each value, the highest first; equal ones share the better rank."""
    return 1.0 / (1 + np.searchsorted(np.sort(-column), -column, "left"))


def defined(query: Query, candidate: Candidate) -> float:
    """1 for the qualified name, less for its last part alone, 0 for a later piece of a long definition."""
    if not query.names or candidate.payload["kind"] == "block" or candidate.payload["ordinal"]:
        return 0.0
    symbol = _lower(candidate.symbol)
    if symbol in query.names or ("." in symbol and ".".join(symbol.split(".")[-2:]) in query.names):
        return 1.0
    return 0.8 if symbol.rsplit(".", 1)[-1] in query.names else 0.0


def _lower(name: str) -> str:
    return (name if name.isascii() else unicodedata.normalize("NFC", name)).lower()


def _place(candidate: Candidate) -> tuple[str, float, int]:
    best = round(candidate.scores.get(LEARNED, 0.0), 6)
    return candidate.path, -best, int(candidate.payload["start_line"])


def column(values: Sequence[float | None]) -> Vector:
    """Values as an array; the worst of them where there is none."""
    worst = min((value for value in values if value is not None), default=0.0)
    return np.round(np.array([worst if value is None else value for value in values]), _DIGITS)


def _share(names: set[str], there: Mapping[str, int]) -> float:
    return sum(name in there for name in names) / len(names) if names else 0.0
