"""Assigns numbers to the words of candidates, and caches the vectors of these words."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.encoding import bm25
from indexer.encoding.term_counts import TermCounts, WordCounter

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder, Vectors

_MAX_WORDS = 1 << 16
"""A lexicon with more words is replaced. Each part of a word has a vector of 1 KB."""
_GROWTH = 1 << 10
"""Number of spare rows that the array of vectors gets when it grows."""


class Lexicon:
    """Assigns numbers to the parts of words, and to words of several parts. Thread-safe.

    If `full` is true, the lexicon should be replaced.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._ids: dict[str, int] = {}
        self._terms, self._rows = array("q"), array("q")
        self._parts: list[str] = []
        self._tally = WordCounter(self._spell)
        # Row 0 stays zero. It is the row of all words of several parts: only parts have vectors.
        self._vectors = np.zeros((1 + _GROWTH, encoder.dim), np.float32)
        self._known = 0

    @property
    def full(self) -> bool:
        return len(self._ids) > _MAX_WORDS

    def count(self, texts: Sequence[str]) -> TermCounts:
        """How often each part, and each word of several parts, occurs in each text.

        Numbers stand for the parts and the words.
        """
        return self._tally.count([bm25.words(text) for text in texts])

    def numbers(self, parts: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of lower-case parts."""
        return np.array([self._number(part) for part in parts], np.int64)

    def terms(self) -> NDArray[np.int64]:
        """The hashed BM25 term of each part or word, in the order of their numbers."""
        return self._copy(self._terms)

    def is_part(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each number, whether the number stands for a part. Only parts have vectors."""
        return self._copy(self._rows)[numbers] > 0

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """The unit vectors of `k` numbers [k, dim].

        The vector is zero for a word of several parts, and for a part that the encoder does not know.
        """
        rows = self._copy(self._rows)[numbers]
        with self._lock:
            missing = self._parts[self._known :]
            if missing:
                start, end = 1 + self._known, 1 + len(self._parts)
                if end > len(self._vectors):
                    spare = end + _GROWTH - len(self._vectors)
                    self._vectors = np.pad(self._vectors, ((0, spare), (0, 0)))
                self._vectors[start:end] = self._encoder.documents(missing, [""] * len(missing))
                self._known = len(self._parts)
            found: Vectors = self._vectors.take(rows, axis=0)
            return found

    def _copy(self, values: array[int]) -> NDArray[np.int64]:
        # Copy the values, because an array cannot grow while a view of it exists.
        with self._lock:
            return np.array(memoryview(values), np.int64)

    def _spell(self, word: str) -> list[int]:
        parts = bm25.parts(word)
        found = [self._number(part) for part in parts]
        if len(parts) > 1:
            # Keys that begin with an underscore are words of several parts. No part contains an underscore.
            found.append(self._number("_" + word.replace("_", "").lower()))
        return found

    def _number(self, key: str) -> int:
        number = self._ids.get(key)
        if number is not None:
            return number
        with self._lock:
            if key not in self._ids:
                if not key.startswith("_"):
                    self._parts.append(key)
                self._rows.append(0 if key.startswith("_") else len(self._parts))
                self._terms.append(bm25.term(key.removeprefix("_")))
                self._ids[key] = len(self._terms) - 1
            return self._ids[key]


class Lexicons:
    """Holds the current lexicon of an encoder, and replaces a full lexicon."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._current = Lexicon(encoder)

    def current(self) -> Lexicon:
        """The lexicon for one query. Its numbers are not valid in other lexicons."""
        if self._current.full:
            self._current = Lexicon(self._encoder)
        return self._current
