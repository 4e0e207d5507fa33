"""Hashes that find copies of functions, regardless of white space and comments.

There are three kinds. `whole` is the hash of all code, and `names` is the hash of the multiset of
identifiers. MinHash signatures of token 5-shingles (Broder, 1997), divided into bands, find texts that differ
in a few places.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BANDS, ROWS = 8, 8
PERMUTATIONS = BANDS * ROWS
SAME = 0.8
"""Minimum share of equal minima of two texts that count as copies. The share estimates the Jaccard similarity
of the texts."""

_SHINGLE = 5
_CHUNK = 256
"""Number of functions hashed at once, so that their shingles stay in the processor's cache."""
_FEWEST_NAMES, _FEWEST_DISTINCT = 10, 6
"""Minimum identifiers, and minimum distinct identifiers, of a text whose names are hashed. Unrelated
functions with fewer identifiers, such as getters, look alike."""

# This is not exact for any language. It only matters that equal code loses the same characters.
_COMMENT = re.compile(
    r'"""(?:.*?)"""|\'\'\'(?:.*?)\'\'\'|/\*.*?\*/|\{-.*?-\}|//[^\n]*|(?:^|(?<=\s))(?:#|--)[^\n]*',
    re.DOTALL | re.MULTILINE,
)
_NAME = re.compile(r"[^\W\d]\w*")
_TOKEN = re.compile(r"\w+|[^\w\s]")

Hashes = npt.NDArray[np.uint64]
Signatures = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Print:
    """A text without comments and white space, the hash of the text, and the hash of its identifiers.

    `names` is 0 if the text has too few identifiers.
    """

    squeezed: str
    whole: int
    names: int


def code(text: str) -> str:
    """A text without its comments."""
    return _COMMENT.sub(" ", text)


def digest(text: str) -> int:
    """The BLAKE2b digest of a text, as a number of 64 bits."""
    raw = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(raw, "little")


def of(bare: str) -> Print:
    """The print of a text without comments."""
    squeezed = "".join(bare.split())
    names = sorted(_NAME.findall(bare))
    telling = len(names) >= _FEWEST_NAMES and len(set(names)) >= _FEWEST_DISTINCT
    return Print(squeezed, digest(squeezed), digest(" ".join(names)) if telling else 0)


def signatures(codes: Sequence[str]) -> tuple[Hashes, Signatures]:
    """For n texts, the hash of each band (n, BANDS) and the low byte of each minimum (n, PERMUTATIONS)."""
    bands = np.zeros((len(codes), BANDS), np.uint64)
    low = np.zeros((len(codes), PERMUTATIONS), np.uint8)
    known = _Ids()
    for start in range(0, len(codes), _CHUNK):
        minima = _minima(codes[start : start + _CHUNK], known)
        rows = minima.astype(np.uint64).reshape(-1, BANDS, ROWS)
        bands[start : start + _CHUNK] = _mixed((rows * _WEIGHTS).sum(axis=2, dtype=np.uint64))
        low[start : start + _CHUNK] = minima.astype(np.uint8)
    return bands, low


_RANDOM = np.random.Generator(np.random.PCG64(5))
_FACTORS = _RANDOM.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64)
_PLACES = _RANDOM.integers(0, 1 << 63, _SHINGLE, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_WEIGHTS = _RANDOM.integers(0, 1 << 63, (BANDS, ROWS), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_HALF = np.uint64(32)


def _minima(codes: Sequence[str], known: _Ids) -> npt.NDArray[np.uint32]:
    """The least hash of the shingles of each text under each permutation."""
    rows = [_ids(text, known) for text in codes]
    ends = np.cumsum([len(row) + _SHINGLE - 1 for row in rows])
    flat = np.zeros(int(ends[-1]) + _SHINGLE, np.uint64)
    inside = np.zeros(int(ends[-1]), bool)
    for row, end in zip(rows, ends.tolist(), strict=True):
        start = end - len(row) - _SHINGLE + 1
        flat[start : start + len(row)] = row
        inside[start : start + len(row)] = True
    shingles = np.zeros(int(ends[-1]), np.uint64)
    for place, factor in enumerate(_PLACES):
        shingles += flat[place : place + len(shingles)] * factor
    shingles = _mixed(shingles[inside])
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])[:-1]])
    minima = np.empty((len(codes), PERMUTATIONS), np.uint32)
    for number in range(PERMUTATIONS):
        hashed = ((shingles * _FACTORS[number] + _OFFSETS[number]) >> _HALF).astype(np.uint32)
        minima[:, number] = np.minimum.reduceat(hashed, starts)
    return minima


def _mixed(values: Hashes) -> Hashes:
    """The values with their bits mixed."""
    values = values ^ (values >> _HALF)
    values = values * np.uint64(0xD6E8FEB86659FD93)
    return values ^ (values >> _HALF)


class _Ids(dict[str, int]):
    """A number for each token, computed on first use."""

    def __missing__(self, token: str) -> int:
        id = self[token] = zlib.crc32(token.encode("utf-8", "replace")) + 1
        return id


def _ids(text: str, known: _Ids) -> list[int]:
    return list(map(known.__getitem__, _TOKEN.findall(text))) or [1]
