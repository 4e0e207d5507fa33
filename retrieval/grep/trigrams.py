"""A filter of files by the trigrams of their texts: which files can contain a text that a pattern needs.

Each file has a row of bits, one for each value of a hash of a trigram, in lower case. The rows are in a file
without a name, which the system may write to the disk and need not keep in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .literals import SHORTEST, All, AnyOf, Condition
from .unnamed_file import UnnamedFile

_BITS: Final = 1 << 15
_ROW: Final = _BITS // 8
_LOWER: Final = bytes(range(65)) + bytes(range(97, 123)) + bytes(range(91, 256))
_FACTORS: Final = (0x9E35, 0x3C6F, 0x0B31)
_MOST_CHECKED: Final = 24
"""Of a long text, this number of trigrams is checked."""


class TrigramFilter:
    """The trigrams of files, which are numbered by the caller. Raises OSError if there is no space."""

    def __init__(self, folder: Path) -> None:
        self._file = UnnamedFile(folder)
        self._rows = 0
        self.release, self.close = self._file.release, self._file.close

    def set_row(self, row: int, text: bytes) -> None:
        """Note the text of the file with this number."""
        if row >= self._rows:
            self._grow(max(2 * self._rows, row + 1, 256))
        bits = np.zeros(_BITS, np.uint8)
        bits[_hashes(text)] = 1
        self._matrix()[row] = np.packbits(bits)

    def candidates(self, condition: Condition | None, rows: Iterable[int]) -> list[int]:
        """Those of `rows` whose texts may fulfil a condition, in their order."""
        chosen = np.fromiter(rows, np.intp)
        if condition is None or not len(chosen):
            return list(map(int, chosen))
        return list(map(int, chosen[self._fulfilling(condition, chosen)]))

    def _fulfilling(self, condition: Condition, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        if isinstance(condition, AnyOf):
            return reduce(np.logical_or, (self._fulfilling(part, rows) for part in condition.parts))
        if isinstance(condition, All):
            return reduce(np.logical_and, (self._fulfilling(part, rows) for part in condition.parts))
        found = np.ones(len(rows), np.bool_)
        matrix = self._matrix()
        for place in _hashes(condition[: _MOST_CHECKED + SHORTEST - 1]).tolist():
            left = np.flatnonzero(found)
            if not len(left):
                break
            found[left] = matrix[rows[left], place >> 3] & (128 >> (place & 7)) != 0
        return found

    def _grow(self, rows: int) -> None:
        self._file.reserve(self._rows * _ROW, rows * _ROW)
        self._file.map_bytes(rows * _ROW, writable=True)
        self._rows = rows

    def _matrix(self) -> NDArray[np.uint8]:
        assert self._file.map is not None
        return np.frombuffer(self._file.map, np.uint8).reshape(-1, _ROW)


def _hashes(text: bytes) -> NDArray[np.uint16]:
    """The hash of each trigram of a text."""
    units = np.frombuffer(text.translate(_LOWER), np.uint8).astype(np.uint16)
    one, two, three = (np.uint16(factor) for factor in _FACTORS)
    mixed = units[:-2] * one + units[1:-1] * two + units[2:] * three
    return np.asarray((mixed ^ (mixed >> np.uint16(7))) & np.uint16(_BITS - 1))
