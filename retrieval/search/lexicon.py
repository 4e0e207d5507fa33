"""The words of candidates, numbered, with what each means: learned as questions come, and forgotten."""

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
    from indexer.encoding.types import Encoder

_MOST = 1 << 16
"""Different words that are remembered; then all are forgotten. Parts have vectors, of 1 KB each."""
_BLOCK = 1 << 10

Vectors = NDArray[np.float32]


class Lexicon:
    """Numbers of the parts of words, and of the words that have several. Several threads may use it.

    `full` says that it is time for another one.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._ids: dict[str, int] = {}
        self._terms, self._rows = array("q"), array("q")
        self._parts: list[str] = []
        self._tally = WordCounter(self._spell)
        # Row 0 is of words that have several parts: what they mean, their parts say.
        self._vectors = np.zeros((1 + _BLOCK, encoder.dim), np.float32)
        self._known = 0

    @property
    def full(self) -> bool:
        return len(self._ids) > _MOST

    def count(self, texts: Sequence[str]) -> TermCounts:
        """How often each part, and each word of several parts, occurs in each text: keys are numbers."""
        return self._tally.count([bm25.words(text) for text in texts])

    def numbers(self, parts: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of lower-case parts."""
        return np.array([self._number(part) for part in parts], np.int64)

    def terms(self) -> NDArray[np.int64]:
        """By number: the hashed term, as BM25 knows it."""
        return self._copy(self._terms)

    def is_part(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the numbers are parts, and have vectors."""
        return self._copy(self._rows)[numbers] > 0

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """Vectors of length 1 [k, dim]; zeros for words of several parts, or unknown to the encoder."""
        rows = self._copy(self._rows)[numbers]
        with self._lock:
            missing = self._parts[self._known :]
            if missing:
                self._grow(1 + len(self._parts))
                start, end = 1 + self._known, 1 + len(self._parts)
                self._vectors[start:end] = self._encoder.documents(missing, [""] * len(missing))
                self._known = len(self._parts)
            found: Vectors = self._vectors.take(rows, axis=0)
            return found

    def _grow(self, rows: int) -> None:
        if rows > len(self._vectors):
            grown = np.zeros((rows + _BLOCK, self._vectors.shape[1]), np.float32)
            grown[: len(self._vectors)] = self._vectors
            self._vectors = grown

    def _copy(self, values: array[int]) -> NDArray[np.int64]:
        # An array that is looked into cannot grow.
        with self._lock:
            return np.array(memoryview(values), np.int64)

    def _spell(self, word: str) -> list[int]:
        parts = bm25.parts(word)
        found = [self._number(part) for part in parts]
        if len(parts) > 1:
            # No part has an underscore: what a text had before does not change what a word is now.
            found.append(self._number("_" + word.replace("_", "").lower()))
        return found

    def _number(self, key: str) -> int:
        number = self._ids.get(key)
        return self._new(key) if number is None else number

    def _new(self, key: str) -> int:
        with self._lock:
            if key not in self._ids:
                if not key.startswith("_"):
                    self._parts.append(key)
                self._rows.append(0 if key.startswith("_") else len(self._parts))
                self._terms.append(bm25.term(key.removeprefix("_")))
                self._ids[key] = len(self._terms) - 1
            return self._ids[key]


class Lexicons:
    """The lexicon of an encoder, until it is full."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._current = Lexicon(encoder)

    def current(self) -> Lexicon:
        """For one question: numbers of one lexicon mean nothing in another."""
        if self._current.full:
            self._current = Lexicon(self._encoder)
        return self._current
