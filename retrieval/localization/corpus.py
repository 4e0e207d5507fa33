"""The functions of a repository with all that ranking counts on: words by field, files, classes, calls.

Made once of what the index holds, then only read: a question costs a few passes over its arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from indexer import lexical
from indexer.tally import Bags

from . import wording
from .functions import FUNCTIONS, Function, outermost

if TYPE_CHECKING:
    from indexer.embedding import Encoder

BODY, NAME, PATH, DOC, HEAD, STRINGS = "body", "name", "path", "doc", "head", "strings"
FIELDS = (BODY, NAME, PATH, DOC, HEAD, STRINGS)
WEIGHTS: Mapping[str, float] = {BODY: 1.0, NAME: 1.2, PATH: 0.8, DOC: 0.3}
"""How much each field counts in the sum."""

MOST_TEXT = 20_000
"""Characters of a function that are read."""
_VECTOR_TEXT = 3_000

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weighted:
    """BM25 weights of `texts` texts: text `owners[k]` has the term numbered `terms[k]` with weight
    `values[k]`.
    """

    texts: int
    owners: Ints
    terms: Ints
    values: Vector

    def of(self, weights: Vector) -> Vector:
        """The score [texts] of each text for a question's weights [terms]; those of terms not asked are 0."""
        asked = weights[self.terms]
        hits = np.flatnonzero(asked)
        return sums(self.owners[hits], asked[hits] * self.values[hits], self.texts)

    def has(self, terms: NDArray[np.bool_], weights: Vector) -> Vector:
        """The sum [texts] of the weights of asked terms that each text has."""
        hits = np.flatnonzero(terms[self.terms])
        return sums(self.owners[hits], weights[self.terms[hits]], self.texts)


class Corpus:
    """The functions [n] of a repository in the order of their places; files [f] by path."""

    def __init__(self, pieces: Iterable[Mapping[str, Any]]) -> None:
        """From payloads of fragments with the fields of `functions.FIELDS`."""
        rows = list(pieces)
        of_file = outermost(row for row in rows if row["kind"] in FUNCTIONS)
        self.functions: list[Function] = [f for path in sorted(of_file) for f in of_file[path]]
        self.paths = sorted(of_file)
        number = {path: i for i, path in enumerate(self.paths)}
        self.file = np.array([number[f.path] for f in self.functions], np.int64)
        # Where there is no function nothing can be located.
        others = [row for row in rows if row["kind"] not in FUNCTIONS and row["path"] in number]
        self._other_file = np.array([number[str(row["path"])] for row in others], np.int64)
        self._others = [str(row["text"])[:MOST_TEXT] for row in others]
        self.texts = [f.text[:MOST_TEXT] for f in self.functions]
        self._count()

    def __len__(self) -> int:
        return len(self.functions)

    def _count(self) -> None:
        n, columns = len(self), self._columns()
        bags = lexical.bags([*chain.from_iterable(columns.values()), *self._others])
        self.terms, keys = np.unique(bags.keys, return_inverse=True)
        numbered = Bags(bags.texts, bags.owners, keys.astype(np.int64), bags.times)
        by_field = {field: numbered.part(i * n, (i + 1) * n) for i, field in enumerate(columns)}
        self.fields = {field: weighted(bag) for field, bag in by_field.items()}
        pairs = np.concatenate([bag.owners << 32 | bag.keys for f, bag in by_field.items() if f in WEIGHTS])
        self.frequency = np.bincount(np.unique(pairs) & 0xFFFFFFFF, minlength=len(self.terms))
        self.rarity: Vector = np.log1p((n - self.frequency + 0.5) / (self.frequency + 0.5))
        self.lengths = np.bincount(by_field[BODY].owners, by_field[BODY].times, n)
        rest = numbered.part(len(columns) * n, numbered.texts)
        self.files = weighted(_by_file(by_field[BODY], rest, self.file, self._other_file, len(self.paths)))

    def _columns(self) -> dict[str, list[str]]:
        return {
            BODY: self.texts,
            NAME: [f.symbol for f in self.functions],
            PATH: [f.path for f in self.functions],
            DOC: [wording.doc(t, f.name) for t, f in zip(self.texts, self.functions, strict=True)],
            HEAD: [wording.head(t, f.name) for t, f in zip(self.texts, self.functions, strict=True)],
            STRINGS: [wording.strings(text) for text in self.texts],
        }

    def numbers(self, weights: Mapping[int, float]) -> Vector:
        """A question's weights by hashed term as an array over this corpus's terms."""
        found = np.zeros(len(self.terms))
        asked = np.fromiter(weights, np.int64, len(weights))
        at = np.minimum(np.searchsorted(self.terms, asked), max(0, len(self.terms) - 1))
        known = self.terms[at] == asked if len(self.terms) else np.zeros(len(asked), bool)
        found[at[known]] = np.fromiter(weights.values(), np.float64, len(weights))[known]
        return found

    def rarity_of(self, term: int) -> float:
        """The rarity of a hashed term; 0 of one that is nowhere."""
        place = int(np.searchsorted(self.terms, term))
        known = place < len(self.terms) and int(self.terms[place]) == term
        return float(self.rarity[place]) if known else 0.0

    @functools.cached_property
    def by_name(self) -> dict[str, list[int]]:
        """The functions of each bare name."""
        found: dict[str, list[int]] = {}
        for i, function in enumerate(self.functions):
            found.setdefault(function.name, []).append(i)
        return found

    @functools.cached_property
    def by_class(self) -> dict[str, list[int]]:
        """The methods of each class by its bare name."""
        found: dict[str, list[int]] = {}
        for i, function in enumerate(self.functions):
            if function.owner:
                found.setdefault(function.owner.rpartition(".")[2], []).append(i)
        return found

    @functools.cached_property
    def bounds(self) -> Ints:
        """Where each file's functions begin [f + 1]."""
        return np.searchsorted(self.file, np.arange(len(self.paths) + 1))

    @functools.cached_property
    def owner(self) -> Ints:
        """A number [n] for each one's class, in its file; functions of no class share their file's number."""
        keys = [(f.path, f.owner) for f in self.functions]
        number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        return np.array([number[key] for key in keys], np.int64)

    @functools.cached_property
    def words(self) -> tuple[dict[str, int], Ints, Ints]:
        """Whole words as they are written: their numbers; and which function has which, each pair once."""
        known: dict[str, int] = {}
        lists = [list(set(lexical.words(text))) for text in self.texts]
        lengths = np.fromiter(map(len, lists), np.int64, len(lists))
        numbers = np.fromiter(
            (known.setdefault(word, len(known)) for word in chain.from_iterable(lists)),
            np.int64,
            lengths.sum(),
        )
        return known, np.repeat(np.arange(len(lists)), lengths), numbers

    @functools.cached_property
    def word_frequency(self) -> Ints:
        """How many functions have each word of `words`."""
        known, _, numbers = self.words
        return np.bincount(numbers, minlength=len(known))

    def vectors(self, encoder: Encoder) -> NDArray[np.float32]:
        """Dense vectors [n, dim], made when first asked for."""
        if self._vectors is None:
            texts = [text[:_VECTOR_TEXT] for text in self.texts]
            titles = [f"{f.symbol} {f.path.rpartition('.')[0]}" for f in self.functions]
            self._vectors = encoder.documents(texts, titles)
        return self._vectors

    _vectors: NDArray[np.float32] | None = None


def sums(owners: Ints, values: Vector, size: int) -> Vector:
    """The sum [size] of the values of each owner."""
    return np.bincount(owners, values, size).astype(np.float64)


def combined(scores: Mapping[str, Vector]) -> Vector:
    """The fields' scores summed by weight."""
    total: Vector = sum((WEIGHTS[f] * scores[f] for f in WEIGHTS), np.zeros(()))
    return total


def weighted(bag: Bags) -> Weighted:
    """Saturated, length-normalised frequencies, against this corpus's average length."""
    lengths = np.bincount(bag.owners, bag.times, bag.texts)
    average = float(lengths[lengths > 0].mean()) if lengths.any() else 1.0
    norms = lexical.K1 * (1 - lexical.B + lexical.B * np.maximum(lengths / average, lexical.SHORTEST))
    values = bag.times * (lexical.K1 + 1) / (bag.times + norms[bag.owners])
    return Weighted(bag.texts, bag.owners, bag.keys, values)


def _by_file(body: Bags, rest: Bags, file: Ints, other_file: Ints, files: int) -> Bags:
    """Bags of whole files: of their functions, and of the rest of their code."""
    owners = np.concatenate([file[body.owners], other_file[rest.owners]])
    pairs, inverse = np.unique(owners << 32 | np.concatenate([body.keys, rest.keys]), return_inverse=True)
    times = np.bincount(inverse, np.concatenate([body.times, rest.times]), len(pairs)).astype(np.int64)
    return Bags(files, pairs >> 32, pairs & 0xFFFFFFFF, times)
