"""Counts the terms of many texts at once: the inner loop of indexing."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

_MAX_WORDS = 1 << 17
"""Number of words above which the vocabulary is emptied."""

_KEY = (1 << 32) - 1  # masks the term's id in a number that combines a text's index and a term's id


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Term frequencies of texts: text `doc_ids[k]` has the term `term_ids[k]` (below 2**32) `tf[k]` times.

    The arrays are sorted by text, then by term. `texts` is the number of texts.
    """

    texts: int
    doc_ids: NDArray[np.int64]
    term_ids: NDArray[np.int64]
    tf: NDArray[np.int64]

    def part(self, start: int, end: int) -> TermCounts:
        """The counts of a half-open range of texts."""
        a, b = np.searchsorted(self.doc_ids, (start, end))
        return TermCounts(end - start, self.doc_ids[a:b] - start, self.term_ids[a:b], self.tf[a:b])

    @staticmethod
    def joined(parts: Iterable[TermCounts]) -> TermCounts:
        """The counts of the texts of all parts, in the order of the parts."""
        found = [TermCounts(0, *(np.zeros(0, np.int64) for _ in range(3))), *parts]
        before = np.cumsum([0, *(bags.texts for bags in found)])
        return TermCounts(
            int(before[-1]),
            np.concatenate([bags.doc_ids + start for bags, start in zip(found, before, strict=False)]),
            np.concatenate([bags.term_ids for bags in found]),
            np.concatenate([bags.tf for bags in found]),
        )

    def bounds(self) -> list[int]:
        """The index in the arrays at which each text starts, and finally the end of the last text."""
        found: list[int] = np.searchsorted(self.doc_ids, np.arange(self.texts + 1)).tolist()
        return found


class WordCounter:
    """Counts the terms of texts that are given as lists of words. Safe to use from several threads.

    `keys_of` returns the terms of a word; its results are cached.
    """

    def __init__(self, keys_of: Callable[[str], Sequence[int]]) -> None:
        self._keys_of = keys_of
        self._vocabulary = _Vocabulary(keys_of)
        self._lock = threading.Lock()

    def count(self, texts: Sequence[Sequence[str]]) -> TermCounts:
        """The term counts of texts; each text is a list of words."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        with self._lock:
            if len(self._vocabulary) > _MAX_WORDS:
                self._vocabulary = _Vocabulary(self._keys_of)
            known = self._vocabulary
            ids = np.fromiter(map(known.__getitem__, chain.from_iterable(texts)), np.int64, lengths.sum())
            ends = np.frombuffer(known.ends, np.int64)
            first = ends[ids]
            key_counts = ends[ids + 1] - first
            # The positions of the keys of all words, word by word.
            before = np.cumsum(key_counts) - key_counts
            at = np.repeat(first - before, key_counts) + np.arange(key_counts.sum())
            keys = np.frombuffer(known.keys_of_words, np.int64)[at] if len(at) else np.zeros(0, np.int64)
            del ends  # an array cannot grow while a view of it exists
        owners = np.repeat(np.repeat(np.arange(len(texts)), lengths), key_counts)
        pairs, times = np.unique(owners << 32 | keys, return_counts=True)
        return TermCounts(len(texts), pairs >> 32, pairs & _KEY, times)


class _Vocabulary(dict[str, int]):
    """Numbers words in order of appearance. Word n has the keys `keys_of_words[ends[n] : ends[n + 1]]`."""

    def __init__(self, keys_of: Callable[[str], Sequence[int]]) -> None:
        super().__init__()
        self._keys_of = keys_of
        self.keys_of_words = array("q")
        self.ends = array("q", [0])

    def __missing__(self, word: str) -> int:
        self.keys_of_words.extend(self._keys_of(word))
        self.ends.append(len(self.keys_of_words))
        number = self[word] = len(self.ends) - 2
        return number
