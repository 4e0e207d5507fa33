"""Words of a question in the names of files, folders and definitions: by stem, and by a common beginning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.encoding import bm25

Vector = NDArray[np.float64]

_PREFIX = 4
"""Words that agree in this many first letters, and one of which begins the other, are related: "auth" and
"authentication"."""
_RELATED = 0.7


@dataclass(frozen=True, slots=True)
class Words:
    """The stemmed words of a question: each one's place, and the longer ones by their first letters."""

    at: Mapping[str, int]
    beginning: Mapping[str, Sequence[str]]
    joined: str

    @staticmethod
    def of(words: Sequence[str]) -> Words:
        """Of lower-case words, which may be none."""
        stems = tuple(map(stem, words))
        at = {word: i for i, word in enumerate(dict.fromkeys(stems))}
        beginning: dict[str, list[str]] = {}
        for word in at:
            if len(word) >= _PREFIX:
                beginning.setdefault(word[:_PREFIX], []).append(word)
        return Words(at, beginning, _joined(stems))

    def found(self, names: Sequence[Iterable[str]]) -> Vector:
        """[rows, words] how well each word is found among each row's terms."""
        rows = np.zeros((len(names), len(self.at)))
        for row, terms_ in enumerate(names):
            for name in terms_:
                if name in self.at:
                    rows[row, self.at[name]] = 1.0
                elif name[:_PREFIX] in self.beginning:
                    for word, value in self._matches(name):
                        rows[row, self.at[word]] = max(value, rows[row, self.at[word]])
        return rows

    def covered(self, names: Iterable[str]) -> float:
        """The share of the names that the words cover."""
        values = [max((value for _, value in self._matches(name)), default=0.0) for name in names]
        # Sorted: a set has no order, and the sum must not depend on it.
        return sum(sorted(values)) / len(values) if values else 0.0

    def phrase(self, names: Sequence[str]) -> float:
        """How many names there are if the question has them all, in this order and without a gap; else 0."""
        return float(len(names)) if names and _joined(names) in self.joined else 0.0

    def _matches(self, name: str) -> list[tuple[str, float]]:
        if name in self.at:
            return [(name, 1.0)]
        related = self.beginning.get(name[:_PREFIX], ())
        return [(w, _RELATED) for w in related if w.startswith(name) or name.startswith(w)]


@lru_cache(maxsize=1 << 15)
def terms(name: str) -> frozenset[str]:
    """The stemmed parts of the words of a name."""
    return frozenset(in_order(name))


@lru_cache(maxsize=1 << 15)
def in_order(name: str) -> tuple[str, ...]:
    """The same, in order."""
    return tuple(stem(part) for word in bm25.words(name) for part in bm25.parts(word))


@lru_cache(maxsize=1 << 14)
def of_stem(path: str) -> tuple[str, ...]:
    """The terms of a file's name without its ending, in order."""
    return in_order(file_stem(path))


@lru_cache(maxsize=1 << 14)
def of_folders(path: str) -> frozenset[str]:
    """The terms of all folders that a file is in."""
    return terms(folder(path))


@lru_cache(maxsize=1 << 14)
def of_folder(path: str) -> frozenset[str]:
    """The terms of the folder that a file is in."""
    return terms(folder(path).rpartition("/")[2])


def file_stem(path: str) -> str:
    """A file's name without its last ending. (pathlib would take longer than all features of the file.)"""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def folder(path: str) -> str:
    """The folder that a file is in."""
    return path.rpartition("/")[0]


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """A lower-case word without its ending; stemming one again would change it."""
    return bm25.stem(word)


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
