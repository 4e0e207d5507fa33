"""The functions of a repository, with their words in each field, their files and their classes.

A corpus is built once from the index. A query then takes a few passes over the arrays of the corpus.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.encoding import bm25
from indexer.encoding.term_counts import TermCounts, WordCounter

from ..ranking import wording
from ..ranking.scaling import Ints, Vector
from .functions import FUNCTIONS, MAX_TEXT, SourceFunction, outermost_functions

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

BODY, NAME, PATH, DOC, HEAD, STRINGS = "body", "name", "path", "doc", "head", "strings"
FIELDS = (BODY, NAME, PATH, DOC, HEAD, STRINGS)
WEIGHTS: Mapping[str, float] = {BODY: 1.0, NAME: 1.2, PATH: 0.8, DOC: 0.3}
"""The weight of each field in the sum of the fields' BM25 scores."""

_VECTOR_TEXT = 3_000
"""Maximum characters of a function that are encoded as its dense vector."""
_AT_A_TIME = 250
"""Number of functions that are encoded, or whose words are counted, in one call."""

Numbers = NDArray[np.int32]
"""The type of arrays with millions of integers."""
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Postings:
    """An inverted index of `texts` texts.

    The postings of term t are those from `bounds[t]` up to, but not including, `bounds[t + 1]`. Posting k
    means that the text `owners[k]` contains the term `times[k]` times. `norms` [texts] are the length norms
    of BM25.
    """

    texts: int
    bounds: Ints
    owners: Numbers
    times: Numbers
    norms: Vector

    def of(self, weights: Vector) -> Vector:
        """The BM25 score of each text for a query, divided by the total weight of the query [texts].

        `weights` [terms] are the weights of the query's terms; 0 for terms that the query does not contain.
        """
        terms, owners, times = self.hits(weights > 0)
        values = times * (bm25.K1 + 1) / (times + self.norms[owners])
        return sums(owners, weights[terms] * values, self.texts) / (float(weights.sum()) or 1.0)

    def has(self, in_query: NDArray[np.bool_], weights: Vector) -> Vector:
        """For each text, the sum of the weights of the query's terms that the text contains [texts]."""
        terms, owners, _ = self.hits(in_query)
        return sums(owners, weights[terms], self.texts)

    def hits(self, in_query: NDArray[np.bool_]) -> tuple[Ints, Numbers, Numbers]:
        """The postings of the query's terms, as three arrays: terms, owners and times."""
        terms = np.flatnonzero(in_query)
        sizes = self.bounds[terms + 1] - self.bounds[terms]
        at = ranges(self.bounds[terms], sizes)
        return np.repeat(terms, sizes), self.owners[at], self.times[at]


class FunctionCorpus:
    """The functions [n] of a repository, sorted by position, and its files [f], sorted by path."""

    def __init__(self, pieces: Iterable[Mapping[str, Any]]) -> None:
        """Build from payloads of fragments with the fields of `functions.FIELDS`."""
        fragments: list[SourceFunction] = []
        other: list[tuple[str, str]] = []
        for piece in pieces:
            if piece.get("kind") in FUNCTIONS:
                fragments.append(SourceFunction.of(piece))
            else:
                other.append((str(piece["path"]), str(piece.get("text", ""))[:MAX_TEXT]))
        of_file = outermost_functions(fragments)
        self.paths = list(of_file)
        self.functions = [*chain.from_iterable(of_file.values())]
        sizes = np.array([*map(len, of_file.values())], np.int64)
        self.file = np.repeat(np.arange(len(of_file)), sizes)
        self.file_numbers = {path: i for i, path in enumerate(self.paths)}
        # Files without functions are left out.
        other = [(path, text) for path, text in other if path in of_file]
        other_file = np.array([self.file_numbers[path] for path, _ in other], np.int64)
        rest = bm25.term_counts([text for _, text in other])
        del fragments, other, of_file  # these take as much memory as the corpus
        self._count(rest, other_file)

    def __len__(self) -> int:
        return len(self.functions)

    def _count(self, rest: TermCounts, other_file: Ints) -> None:
        """Count the words of all functions.

        `rest` has the counts of the words of other code, and `other_file` the file of each text in `rest`.
        """
        bags = {field: bm25.term_counts([*map(cut, self.functions)]) for field, cut in _CUTS.items()}
        self.terms = np.unique(np.concatenate([np.unique(bag.term_ids) for bag in (*bags.values(), rest)]))
        bags = {field: numbered(bag, self.terms) for field, bag in bags.items()}
        size, body = len(self.terms), bags[BODY]
        self.fields = {field: postings(bag, size) for field, bag in bags.items()}
        pairs = np.unique(np.concatenate([bags[f].doc_ids << 32 | bags[f].term_ids for f in WEIGHTS]))
        self.frequency = np.bincount(pairs & 0xFFFFFFFF, minlength=size)
        self.idf: Vector = np.log1p((len(self) - self.frequency + 0.5) / (self.frequency + 0.5))
        self.lengths = np.bincount(body.doc_ids, body.tf, len(self))
        whole = _by_file(body, numbered(rest, self.terms), self.file, other_file, len(self.paths))
        self.files = postings(whole, size)

    def idf_of(self, term: int) -> float:
        """The IDF of a hashed term, or 0 if the corpus does not contain the term."""
        place = int(np.searchsorted(self.terms, term))
        known = place < len(self.terms) and int(self.terms[place]) == term
        return float(self.idf[place]) if known else 0.0

    @functools.cached_property
    def by_name(self) -> dict[str, list[int]]:
        """The indexes of the functions of each bare name."""
        return indexes_of(function.name for function in self.functions)

    @functools.cached_property
    def bounds(self) -> Ints:
        """The index of the first function of each file, followed by the number of functions [f + 1]."""
        return np.searchsorted(self.file, np.arange(len(self.paths) + 1))

    @functools.cached_property
    def owner(self) -> Ints:
        """The number of each function's class [n]. A file's functions without a class share a number."""
        numbers: dict[tuple[str, str], int] = {}
        keys = ((f.path, f.owner) for f in self.functions)
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)

    @functools.cached_property
    def class_sizes(self) -> Ints:
        """The number of functions in each function's class [n]."""
        return np.bincount(self.owner)[self.owner]

    @functools.cached_property
    def words(self) -> tuple[Mapping[str, int], Postings]:
        """Returns a number for each word in the functions' texts, and the postings of these numbers.

        The words are not split or stemmed.
        """
        known: dict[str, int] = {}
        counter = WordCounter(lambda word: (known.setdefault(word, len(known)),))
        batches = (self.functions[at : at + _AT_A_TIME] for at in range(0, len(self), _AT_A_TIME))
        bags = (counter.count([bm25.words(one.text) for one in batch]) for batch in batches)
        bag = TermCounts.joined(bags)
        return known, postings(bag, len(known))

    def vectors(self, encoder: Encoder) -> NDArray[np.float32]:
        """The dense vectors of the functions [n, dim]. They are computed on first use."""
        if self._vectors is None:
            texts = [f.text[:_VECTOR_TEXT] for f in self.functions]
            titles = [f"{f.symbol} {f.path.rpartition('.')[0]}" for f in self.functions]
            self._vectors = np.zeros((len(self), encoder.dim), np.float32)
            for start in range(0, len(self), _AT_A_TIME):
                part = slice(start, start + _AT_A_TIME)
                self._vectors[part] = encoder.documents(texts[part], titles[part])
        return self._vectors

    _vectors: NDArray[np.float32] | None = None


_CUTS: Mapping[str, Callable[[SourceFunction], str]] = {
    BODY: lambda f: f.text,
    NAME: lambda f: f.symbol,
    PATH: lambda f: f.path,
    DOC: lambda f: wording.doc(f.text, f.name, f.language),
    HEAD: lambda f: wording.head(f.text, f.name),
    STRINGS: lambda f: wording.strings(f.text),
}
"""For each field, a function that returns the field's text."""


def numbered(bag: TermCounts, terms: Ints) -> TermCounts:
    """The counts with each hashed term replaced by its index in `terms`."""
    return TermCounts(bag.texts, bag.doc_ids, np.searchsorted(terms, bag.term_ids), bag.tf)


def weight_array(weights: Mapping[int, float], terms: Ints) -> Vector:
    """The weights of a query's hashed terms, as an array over the sorted terms `terms` [terms]."""
    found = np.zeros(len(terms))
    keys = np.fromiter(weights, np.int64, len(weights))
    at = np.minimum(np.searchsorted(terms, keys), max(0, len(terms) - 1))
    known = terms[at] == keys if len(terms) else np.zeros(len(keys), bool)
    found[at[known]] = np.fromiter(weights.values(), np.float64, len(weights))[known]
    return found


def sums(owners: Ints | Numbers, values: Vector, size: int) -> Vector:
    """The sum of the values of each owner [size]."""
    return np.bincount(owners, values, size).astype(np.float64)


def indexes_of(keys: Iterable[K]) -> dict[K, list[int]]:
    """The indexes of each key."""
    found: dict[K, list[int]] = {}
    for i, key in enumerate(keys):
        found.setdefault(key, []).append(i)
    return found


def ranges(starts: Ints, sizes: Ints) -> Ints:
    """The integers of several ranges, one range after the other."""
    return np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def maxima(owners: Ints | Numbers, values: Vector, size: int) -> Vector:
    """The highest value of each owner [size]. Owners without a positive value get 0."""
    found = np.zeros(size)
    np.maximum.at(found, owners, values)
    return found


def postings(bag: TermCounts, terms: int) -> Postings:
    """The inverted index of the texts in `bag`, whose term ids are numbers below `terms`."""
    lengths = np.bincount(bag.doc_ids, bag.tf, bag.texts)
    average = float(lengths[lengths > 0].mean()) if lengths.any() else 1.0
    order = np.argsort(bag.term_ids, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(bag.term_ids, minlength=terms))])
    return Postings(
        bag.texts,
        bounds,
        bag.doc_ids[order].astype(np.int32),
        bag.tf[order].astype(np.int32),
        bm25.length_norms(lengths, average),
    )


def _by_file(body: TermCounts, rest: TermCounts, file: Ints, other_file: Ints, files: int) -> TermCounts:
    """The counts of whole files. `body` has the counts of functions, and `rest` those of the other code."""
    owners = np.concatenate([file[body.doc_ids], other_file[rest.doc_ids]])
    pairs, inverse = np.unique(
        owners << 32 | np.concatenate([body.term_ids, rest.term_ids]), return_inverse=True
    )
    times = np.bincount(inverse, np.concatenate([body.tf, rest.tf]), len(pairs)).astype(np.int64)
    return TermCounts(files, pairs >> 32, pairs & 0xFFFFFFFF, times)
