"""Columns of evidence on the candidates of a query, with one row per fragment or one row per file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from indexer.store import DENSE

from ..query import Query
from ..ranking.scaling import Vector, filled, minmax
from ..result import Candidate
from . import naming

LEXICAL, FUSED, LEARNED = "lexical", "fused", "learned"

_TOP = 3
"""The scores of this number of best fragments of a file are separate features."""
_DIGITS = 5
"""Scores are rounded to this number of decimals, so that engines whose scores differ in the last digits give
the same answers."""


class CandidateEvidence:
    """Values of the `n` fragments that are candidates of a query. Each value is computed on first access."""

    def __init__(self, query: Query, fragments: Sequence[Candidate]) -> None:
        self.query, self.fragments = query, fragments
        self.words = naming.QueryWords.of(query.words)

    @cached_property
    def scores(self) -> Mapping[str, Vector]:
        """By leg, the scores [n]. A fragment without a score on a leg gets the lowest score on that leg."""
        found = {
            leg: column([c.scores.get(leg) for c in self.fragments]) for leg in (LEXICAL, DENSE, LEARNED)
        }
        return found | {FUSED: column([c.fused for c in self.fragments])}

    @cached_property
    def start_lines(self) -> Vector:
        """The first line of each fragment [n]."""
        return np.array([c.payload["start_line"] for c in self.fragments], np.float64)

    @cached_property
    def lines(self) -> Vector:
        """The number of lines of each fragment [n]."""
        return np.array([c.payload["end_line"] for c in self.fragments], np.float64) - self.start_lines + 1

    @cached_property
    def defines(self) -> Vector:
        """The value of `defined` for each fragment [n]."""
        return np.array([defined(self.query, c) for c in self.fragments])

    @cached_property
    def own_terms(self) -> list[tuple[str, ...]]:
        """The terms of each definition's own name, in order; () for a block [n]."""
        return [naming.terms(c.own_name) for c in self.fragments]

    @cached_property
    def own_phrases(self) -> Vector:
        """For each definition, the number of terms of its own name; 0 if the query does not contain these
        terms consecutively [n]."""
        return np.array([self.words.phrase(own) for own in self.own_terms])


class FileEvidence(CandidateEvidence):
    """Values of the `f` files of the `n` fragments that are candidates of a query with `w` words.

    Fragments are sorted by file, and within a file by descending score of the first stage. `file` [n] is the
    index of each fragment's file. `starts` [f] is the index of each file's first fragment, and `counts` [f]
    the number of its fragments. `file_scores` [f] are the BM25 scores of whole files; the score of a file
    without a known score is 0.
    """

    def __init__(
        self, query: Query, candidates: Sequence[Candidate], file_scores: Mapping[str, float]
    ) -> None:
        """Group at least one candidate by file. The candidates must have scores of the first stage.

        `file_scores` are the BM25 scores of whole files by path.
        """
        super().__init__(query, sorted(candidates, key=_sort_key))
        path_of_each = [c.path for c in self.fragments]
        self.paths = list(dict.fromkeys(path_of_each))
        number = {path: i for i, path in enumerate(self.paths)}
        self.file = np.array([number[path] for path in path_of_each], np.intp)
        self.starts = np.searchsorted(self.file, np.arange(len(self.paths)))
        self.counts = np.diff(np.append(self.starts, len(self.file)))
        self.file_scores = column([file_scores.get(path, 0.0) for path in self.paths])

    def max_by_file(self, column: Vector) -> Vector:
        """The maximum of a column [n] for each file [f]."""
        return np.maximum.reduceat(column, self.starts)

    def sum_by_file(self, column: Vector) -> Vector:
        """The sum of a column [n] for each file [f]."""
        return np.add.reduceat(column, self.starts)

    @cached_property
    def minmax(self) -> Mapping[str, Vector]:
        """By leg, the scores [n] scaled to [0, 1] over all fragments."""
        return {leg: minmax(scores) for leg, scores in self.scores.items()}

    @cached_property
    def top(self) -> Mapping[str, Vector]:
        """By leg, the three best scaled scores of each file [f, 3]; 0 in place of missing scores."""
        return {leg: self._top(scores) for leg, scores in self.minmax.items()}

    @cached_property
    def stem(self) -> Vector:
        """How well each query word matches a word of the file's name [f, w].

        The value is 1 for an equal word, less for a related word, and 0 for other words.
        """
        return self.words.match_matrix([naming.terms(naming.file_stem(path)) for path in self.paths])

    @cached_property
    def folders(self) -> Vector:
        """As `stem`, but for the names of the folders that contain the file [f, w]."""
        return self.words.match_matrix([naming.terms(naming.folder(path)) for path in self.paths])

    @cached_property
    def symbols(self) -> Vector:
        """As `stem`, but for the qualified names of the file's fragments [f, w]."""
        names: list[set[str]] = [set() for _ in self.paths]
        for candidate, file in zip(self.fragments, self.file.tolist(), strict=True):
            names[file].update(naming.terms(candidate.symbol))
        return self.words.match_matrix(names)

    @cached_property
    def named(self) -> Vector:
        """As `stem`, but for all of these names [f, w]."""
        return np.maximum(np.maximum(self.stem, self.folders), self.symbols)

    @cached_property
    def idf_weight(self) -> Vector:
        """The weights of the query's words [w]. Their sum is 1.

        A word weighs more if few files have the word in their path or in the names of their fragments.
        """
        weights = np.log1p(len(self.paths) / (1.0 + (self.named > 0).sum(axis=0)))
        total = weights.sum()
        return np.asarray(weights / total if total else weights, np.float64)

    @cached_property
    def classes(self) -> Vector:
        """1 for each fragment that is the head of a class, 0 for others [n]."""
        return self._kind("class")

    @cached_property
    def blocks(self) -> Vector:
        """1 for each fragment that is code outside of definitions, 0 for others [n]."""
        return self._kind("block")

    @cached_property
    def defining(self) -> Vector:
        """1 for each definition that the query names in full or by its last part, 0 for others [n]."""
        return (self.defines > 0).astype(np.float64)

    @cached_property
    def own_name_coverage(self) -> Vector:
        """The share of the terms of each definition's own name that are in the query [n]."""
        return np.array([self.words.share(own) for own in self.own_terms])

    @cached_property
    def query_share(self) -> Vector:
        """The share of the query's words that are in each fragment's qualified name [n]."""
        words = self.words.positions.keys()
        many = [len(words & set(naming.terms(c.symbol))) for c in self.fragments]
        return np.array(many, np.float64) / max(1, len(words))

    def _kind(self, kind: str) -> Vector:
        return np.array([float(c.payload["kind"] == kind) for c in self.fragments])

    def _top(self, column: Vector) -> Vector:
        padded = np.append(column[np.lexsort((-column, self.file))], 0.0)
        places = [np.where(self.counts > i, self.starts + i, len(column)) for i in range(_TOP)]
        return np.stack([padded[at] for at in places], axis=1)


def defined(query: Query, candidate: Candidate) -> float:
    """How fully the query names the definition of a candidate.

    Returns 1 if the query contains the candidate's qualified name or the last two parts of this name. Returns
    0.8 if the query contains only the last part of the name. Returns 0 otherwise, for code outside of
    definitions, and for all pieces of a definition but the first.
    """
    if not query.names or candidate.payload["kind"] == "block" or candidate.payload["ordinal"]:
        return 0.0
    symbol = _lower(candidate.symbol)
    if symbol in query.names or ("." in symbol and ".".join(symbol.split(".")[-2:]) in query.names):
        return 1.0
    return 0.8 if symbol.rsplit(".", 1)[-1] in query.names else 0.0


def _lower(name: str) -> str:
    return (name if name.isascii() else unicodedata.normalize("NFC", name)).lower()


def _sort_key(candidate: Candidate) -> tuple[str, float, int]:
    path, line = candidate.place
    return path, -round(candidate.scores.get(LEARNED, 0.0), 6), line


def column(values: Sequence[float | None]) -> Vector:
    """The values as an array of rounded numbers. The lowest value replaces each None."""
    return np.round(filled(values), _DIGITS)
