"""How often each key occurs in each of many texts, counted all at once: the inner loop of indexing."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

_WORDS = 1 << 17
"""Different words that are remembered; then all are forgotten."""

_KEY = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as bags of keys: text `owners[k]` holds `keys[k]` (below 2**32) `times[k]` times.

    In the order of the texts, and of the keys within each; `texts` is how many texts there are.
    """

    texts: int
    owners: NDArray[np.int64]
    keys: NDArray[np.int64]
    times: NDArray[np.int64]

    def part(self, start: int, end: int) -> Bags:
        """The texts of a half-open range."""
        a, b = np.searchsorted(self.owners, (start, end))
        return Bags(end - start, self.owners[a:b] - start, self.keys[a:b], self.times[a:b])

    @staticmethod
    def joined(parts: Iterable[Bags]) -> Bags:
        """The texts of all parts, in their order."""
        found = [Bags(0, *(np.zeros(0, np.int64) for _ in range(3))), *parts]
        before = np.cumsum([0, *(bags.texts for bags in found)])
        return Bags(
            int(before[-1]),
            np.concatenate([bags.owners + start for bags, start in zip(found, before, strict=False)]),
            np.concatenate([bags.keys for bags in found]),
            np.concatenate([bags.times for bags in found]),
        )

    def bounds(self) -> list[int]:
        """Where each text starts in the arrays, and where the last one ends."""
        found: list[int] = np.searchsorted(self.owners, np.arange(self.texts + 1)).tolist()
        return found


class Tally:
    """Counts the keys of words, remembering what `spell` says of each. Several threads may use it."""

    def __init__(self, spell: Callable[[str], Sequence[int]]) -> None:
        self._spell = spell
        self._vocabulary = _Vocabulary(spell)
        self._lock = threading.Lock()

    def count(self, texts: Sequence[Sequence[str]]) -> Bags:
        """The keys of texts that are given as lists of words."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        with self._lock:
            if len(self._vocabulary) > _WORDS:
                self._vocabulary = _Vocabulary(self._spell)
            known = self._vocabulary
            ids = np.fromiter(map(known.__getitem__, chain.from_iterable(texts)), np.int64, lengths.sum())
            ends = np.frombuffer(known.ends, np.int64)
            first = ends[ids]
            spelled = ends[ids + 1] - first
            # The positions of each word's keys, one word after the other.
            before = np.cumsum(spelled) - spelled
            at = np.repeat(first - before, spelled) + np.arange(spelled.sum())
            keys = np.frombuffer(known.spelled, np.int64)[at] if len(at) else np.zeros(0, np.int64)
            del ends  # an array that is looked into cannot grow
        owners = np.repeat(np.repeat(np.arange(len(texts)), lengths), spelled)
        pairs, times = np.unique(owners << 32 | keys, return_counts=True)
        return Bags(len(texts), pairs >> 32, pairs & _KEY, times)


class _Vocabulary(dict[str, int]):
    """Numbers the words as they come; word n has the keys from `ends[n]` to `ends[n + 1]`."""

    def __init__(self, spell: Callable[[str], Sequence[int]]) -> None:
        super().__init__()
        self._spell = spell
        self.spelled = array("q")
        self.ends = array("q", [0])

    def __missing__(self, word: str) -> int:
        self.spelled.extend(self._spell(word))
        self.ends.append(len(self.spelled))
        number = self[word] = len(self.ends) - 2
        return number
