"""The words of candidates, numbered, with what each means: learned as questions come, and forgotten."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer import lexical
from indexer.tally import Bags, Tally

if TYPE_CHECKING:
    from indexer.embedding import Encoder

_MOST = 1 << 14
"""Different parts of words that are remembered; then all are forgotten: 16 MB of vectors."""
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
        self._parts: list[str] = []
        self._terms = array("q")
        self._tally = Tally(self._spell)
        self._vectors = np.zeros((_BLOCK, encoder.dim), np.float32)
        self._known = 0

    @property
    def full(self) -> bool:
        return len(self._parts) > _MOST

    def count(self, texts: Sequence[str]) -> Bags:
        """How often each part, and each word of several parts, occurs in each text: keys are numbers."""
        return self._tally.count([lexical.words(text) for text in texts])

    def numbers(self, parts: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of lower-case parts."""
        return np.array([self._number(part) for part in parts], np.int64)

    def terms(self) -> NDArray[np.int64]:
        """By number: the hashed term, as BM25 knows it."""
        # A copy: an array that is looked into cannot grow.
        with self._lock:
            return np.array(memoryview(self._terms), np.int64)

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """Vectors of length 1 [k, dim]; zeros for what the encoder has none."""
        with self._lock:
            missing = self._parts[self._known :]
            if missing:
                need = self._known + len(missing)
                if need > len(self._vectors):
                    grown = np.zeros((need + _BLOCK, self._vectors.shape[1]), np.float32)
                    grown[: self._known] = self._vectors[: self._known]
                    self._vectors = grown
                self._vectors[self._known : need] = self._encoder.documents(missing, [""] * len(missing))
                self._known = need
            found: Vectors = self._vectors.take(numbers, axis=0)
            return found

    def _spell(self, word: str) -> list[int]:
        parts = lexical.parts(word)
        if len(parts) > 1:
            parts.append(word.replace("_", "").lower())
        return [self._number(part) for part in parts]

    def _number(self, part: str) -> int:
        number = self._ids.get(part)
        return self._new(part) if number is None else number

    def _new(self, part: str) -> int:
        with self._lock:
            if part not in self._ids:
                self._parts.append(part)
                self._terms.append(lexical.term(part))
                self._ids[part] = len(self._parts) - 1
            return self._ids[part]


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
