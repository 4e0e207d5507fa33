"""Finds copies of functions in all repositories: equal texts, then texts that differ in a few places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .fingerprints import BANDS, SAME, Hashes, Signatures

Mask = npt.NDArray[np.bool_]

_AT_ONCE = 1 << 16
"""Maximum pairs of signatures that are compared at once, to limit memory."""


@dataclass(frozen=True, slots=True)
class FingerprintTable:
    """The fingerprints of one repository's functions, one row per function.

    `documented` says which functions have documentation.
    """

    whole: Hashes
    bands: Hashes
    low: Signatures
    documented: Mask


@dataclass(frozen=True, slots=True)
class DuplicateVerdict:
    """For each row of one repository, whether an equal or a similar function is kept instead."""

    equal: Mask
    similar: Mask

    @property
    def kept(self) -> Mask:
        return np.asarray(~(self.equal | self.similar))


def duplicates(tables: Sequence[FingerprintTable]) -> list[DuplicateVerdict]:
    """A verdict for each table. Of several copies, the first documented copy is kept.

    If no copy is documented, the first copy is kept.
    """
    if not tables:
        return []
    documented = np.concatenate([table.documented for table in tables])
    order = np.argsort(~documented, kind="stable")
    equal = np.zeros(len(order), bool)
    equal[order] = repeated(np.concatenate([table.whole for table in tables])[order])
    left = order[~equal[order]]
    similar = np.zeros(len(order), bool)
    low = np.concatenate([table.low for table in tables])[left]
    drop = np.zeros(len(left), bool)
    for band in range(BANDS):
        drop |= _alike(np.concatenate([table.bands[:, band] for table in tables])[left], low, drop)
    similar[left] = drop
    ends = np.cumsum([len(table.whole) for table in tables])[:-1]
    parts = zip(np.split(equal, ends), np.split(similar, ends), strict=True)
    return [DuplicateVerdict(one, other) for one, other in parts]


def repeated(values: Hashes) -> Mask:
    """A mask of the values that have an equal value before them in the array."""
    if not len(values):
        return np.zeros(0, bool)
    again = np.ones(len(values), bool)
    again[np.unique(values, return_index=True)[1]] = False
    return again


def _alike(band: Hashes, low: Signatures, gone: Mask) -> Mask:
    """A mask of the rows that resemble the first row with the same band. Rows in `gone` are ignored."""
    rows = np.flatnonzero(~gone)
    order = rows[np.argsort(band[rows], kind="stable")]
    first = np.ones(len(order), bool)
    first[1:] = band[order[1:]] != band[order[:-1]]
    heads = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    others, theirs = order[~first], heads[~first]
    found = np.zeros(len(band), bool)
    for start in range(0, len(others), _AT_ONCE):
        ours, head = others[start : start + _AT_ONCE], theirs[start : start + _AT_ONCE]
        found[ours] = (low[ours] == low[head]).mean(axis=1) >= SAME
    return found
