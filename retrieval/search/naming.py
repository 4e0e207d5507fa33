"""Matches words of a query with names of files, folders and definitions, by stem and by prefix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from indexer.encoding import bm25

from ..ranking.scaling import Vector

_PREFIX_LENGTH = 4
"""Two words are related if one of them has at least this many letters and is a prefix of the other, such as
"auth" and "authentication"."""
_RELATED_VALUE = 0.7
"""The value of a match between related words. A match between equal words has the value 1."""


@dataclass(frozen=True, slots=True)
class QueryWords:
    """The stemmed words of a query.

    `positions` maps each word to its position. `by_prefix` maps _PREFIX_LENGTH letters to the words that
    begin with these letters. `joined` contains all words, with a space before and after each word.
    """

    positions: Mapping[str, int]
    by_prefix: Mapping[str, Sequence[str]]
    joined: str

    @staticmethod
    def of(words: Sequence[str]) -> QueryWords:
        """Build from lower-case words. `words` may be empty."""
        stems = tuple(map(bm25.stem, words))
        positions = {word: i for i, word in enumerate(dict.fromkeys(stems))}
        by_prefix: dict[str, list[str]] = {}
        for word in positions:
            if len(word) >= _PREFIX_LENGTH:
                by_prefix.setdefault(word[:_PREFIX_LENGTH], []).append(word)
        return QueryWords(positions, by_prefix, _joined(stems))

    def match_matrix(self, names: Sequence[Iterable[str]]) -> Vector:
        """For each row of `names`, the value of each query word's best match with a term [rows, words]."""
        rows = np.zeros((len(names), len(self.positions)))
        for row, terms_ in enumerate(names):
            for name in terms_:
                if name in self.positions:
                    rows[row, self.positions[name]] = 1.0
                elif name[:_PREFIX_LENGTH] in self.by_prefix:
                    for word, value in self._matches(name):
                        rows[row, self.positions[word]] = max(value, rows[row, self.positions[word]])
        return rows

    def share(self, names: Iterable[str]) -> float:
        """The share of the different terms in `names` that are query words; 0 if there are no terms."""
        different = set(names)
        return len(different & self.positions.keys()) / max(1, len(different))

    def coverage(self, names: Iterable[str]) -> float:
        """As `share`, but words that are related to a query word count in part."""
        values = [max((value for _, value in self._matches(name)), default=0.0) for name in set(names)]
        # Sort the values, so that their sum does not depend on the order of a set.
        return sum(sorted(values)) / len(values) if values else 0.0

    def phrase(self, names: Sequence[str]) -> float:
        """Returns the number of terms in `names` if the query contains these consecutively and in order.

        Returns 0 otherwise.
        """
        return float(len(names)) if names and _joined(names) in self.joined else 0.0

    def _matches(self, name: str) -> list[tuple[str, float]]:
        if name in self.positions:
            return [(name, 1.0)]
        related = self.by_prefix.get(name[:_PREFIX_LENGTH], ())
        return [(w, _RELATED_VALUE) for w in related if w.startswith(name) or name.startswith(w)]


@lru_cache(maxsize=1 << 15)
def terms(name: str) -> tuple[str, ...]:
    """The stemmed parts of the words in a name, in order."""
    return tuple(bm25.stem(part) for word in bm25.words(name) for part in bm25.parts(word))


def file_stem(path: str) -> str:
    """A file's name without its last extension.

    Does not use pathlib, which would take longer than the computation of all features.
    """
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def folder(path: str) -> str:
    """The folder of a file."""
    return path.rpartition("/")[0]


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
