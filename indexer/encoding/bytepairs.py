"""Splits words into subword ids by byte-pair encoding (Sennrich et al., 2016)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_CACHED_WORDS = 1 << 16
_NO_MERGE = 1 << 40
"""Rank of a pair that has no merge; it is greater than the rank of every merge."""


class BytePairs:
    """Splits words into learned pieces.

    The ids of pieces start at 1: first the letters of the alphabet, then the results of the merges in the
    order of learning. In the alphabet, a letter with the prefix `##` is a letter that does not begin a word.
    """

    def __init__(
        self, alphabet: Sequence[str], merges: NDArray[np.uint16], *, max_chars: int, max_pieces: int
    ) -> None:
        """`merges` [n, 2] are pairs of ids. Raises ValueError if a merge uses a piece of a later merge."""
        first = len(alphabet) + 1
        pairs = merges.astype(np.int64)
        known = np.arange(first, first + len(pairs))[:, None]
        if pairs.shape != (len(pairs), 2) or not ((pairs > 0) & (pairs < known)).all():
            raise ValueError("the merges are not pairs of earlier pieces")
        self.size = first + len(pairs)
        self._letters = {letter: i for i, letter in enumerate(alphabet, 1)}
        keys = (pairs[:, 0] << 20 | pairs[:, 1]).tolist()
        self._merged = dict(zip(keys, range(first, self.size), strict=True))
        self._max_chars, self._max_pieces = max_chars, max_pieces
        self.split = functools.lru_cache(_CACHED_WORDS)(self._split)
        """Returns the ids of a lower-case word's pieces, or None if a letter is not in the alphabet."""

    def _split(self, word: str) -> tuple[int, ...] | None:
        ids: list[int] = []
        for char in word[: self._max_chars]:
            letter = self._letters.get("##" + char if ids else char)
            if letter is None:
                return None
            ids.append(letter)
        merge = self._merged.get
        ranks = [merge(a << 20 | b, _NO_MERGE) for a, b in pairwise(ids)]
        # Apply the earliest learned merge first; the ids of merges are in the order of learning.
        while ranks and (best := min(ranks)) != _NO_MERGE:
            at = ranks.index(best)
            ids[at : at + 2] = [best]
            del ranks[at]
            if at:
                ranks[at - 1] = merge(ids[at - 1] << 20 | best, _NO_MERGE)
            if at < len(ranks):
                ranks[at] = merge(best << 20 | ids[at + 1], _NO_MERGE)
        return tuple(ids[: self._max_pieces])
