"""The bundled model: a static table of subword vectors.

Words are split into subwords by byte-pair encoding (Sennrich et al., 2016).
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
import zlib
from collections.abc import Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ..errors import ModelError, first_line
from . import bm25
from .term_counts import WordCounter
from .types import Vectors, normalise

_FORMAT = 1
META = "model.json"
_MAX_SCALE = 1e6  # scales and weights must be smaller
_CACHED_WORDS = 1 << 16
_NO_MERGE = 1 << 40
"""Rank of a pair that has no merge; it is greater than the rank of every merge."""
_NO_ROW = 1 << 31
"""The smallest key without a row in the table. Such keys stand for words that the alphabet cannot spell."""


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


class StaticEncoder:
    """An encoder with a table of subword vectors: a text's vector is the weighted sum of its subwords' rows.

    The model's card.md describes the files.
    """

    parallel = True

    def __init__(self, folder: Path) -> None:
        """Load the model in `folder`. Raises ModelError."""
        try:
            self._read(folder)
        except Exception as error:  # damaged files raise many kinds of errors
            raise ModelError(
                f"{folder}: not a usable static model ({first_line(error)}); "
                "reinstall cornea or name another model"
            ) from error
        self._counter = WordCounter(self._keys_of)

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        both = self._encode([*texts, *titles])
        return normalise(both[: len(texts)] + self._title_weight * both[len(texts) :])

    def query(self, text: str) -> Vectors:
        vector: Vectors = self._encode([text])[0]
        return vector

    def _read(self, folder: Path) -> None:
        content = (folder / META).read_bytes()
        meta = json.loads(content)
        if meta["format"] != _FORMAT:
            raise ValueError(f"its format is {meta['format']!r}, this version of cornea reads {_FORMAT}")
        self.dim = int(meta["dim"])
        self._max_words = int(meta["max_subwords"])
        self._title_weight = np.float32(meta["title_weight"])
        # The metadata contains the checksums of all other files, so its hash identifies the model.
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", meta["name"])[:40]
        self.fingerprint = f"{name}-{hashlib.blake2b(content, digest_size=6).hexdigest()}"
        _verify_checksums(folder, meta["sha256"])
        # Convert the memmap to a plain array: indexing a memmap object takes longer than reading the rows.
        self._table = np.asarray(npy.open_memmap(folder / "table.npy", mode="r"))
        self._scales = _array(folder / "scales.npy")
        self._pairs = BytePairs(
            meta["alphabet"],
            _array(folder / "merges.npy"),
            max_chars=int(meta["max_chars"]),
            max_pieces=int(meta["max_pieces"]),
        )
        self._check()

    def _check(self) -> None:
        """Raise ValueError if encoding with these tables would fail or give vectors that are not finite."""
        if self._table.dtype != np.int8 or self._table.shape != (len(self._scales), self.dim):
            raise ValueError(f"table.npy holds {self._table.dtype} {self._table.shape}")
        if self._scales.dtype != np.float32 or not (np.abs(self._scales) < _MAX_SCALE).all():
            raise ValueError("scales.npy holds no usable numbers")
        if self._pairs.size > len(self._scales):
            raise ValueError(f"merges.npy names {self._pairs.size} rows where there are {len(self._scales)}")
        if not 0 <= self._title_weight < _MAX_SCALE:
            raise ValueError("title_weight is out of range")

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        bags = self._counter.count([self._words(text) for text in texts])
        weights = np.log(bags.tf).astype(np.float32) + 1
        known = bags.term_ids < _NO_ROW
        weights[known] *= self._scales[bags.term_ids[known]]
        bounds = bags.bounds()
        # Each text's keys are sorted, so the keys without a row come last.
        middles = np.searchsorted(bags.doc_ids << 32 | bags.term_ids, np.arange(len(texts)) << 32 | _NO_ROW)
        for i, middle in enumerate(middles.tolist()):
            start, end = bounds[i], bounds[i + 1]
            if start < middle:
                # Encode one text at a time, because its rows fit into the processor's cache. Use einsum,
                # because the last bits of a matrix product depend on the number of threads.
                rows = self._table.take(bags.term_ids[start:middle], axis=0)
                vectors[i] = np.einsum("i,ij->j", weights[start:middle], rows)
            for k in range(middle, end):
                vectors[i] += weights[k] * self._typical_scale * _signs(int(bags.term_ids[k]), self.dim)
        return normalise(vectors)

    def _words(self, text: str) -> list[str]:
        """The words of a text, without those that come after the first `_max_words` different words."""
        found = bm25.words(text)
        if len(found) > self._max_words:
            kept = set(islice(dict.fromkeys(found), self._max_words))
            found = [word for word in found if word in kept]
        return found

    def _keys_of(self, word: str) -> list[int]:
        """The keys of a word: the table rows of its pieces.

        For a part that the alphabet cannot spell, the key is a hash of the part, with _NO_ROW added.
        """
        keys: list[int] = []
        for part in bm25.parts(word):
            pieces = self._pairs.split(part)
            if pieces is None:
                keys.append(_NO_ROW | zlib.crc32(part.encode("utf-8", "surrogatepass")) >> 1)
            else:
                keys += pieces
        return keys

    @functools.cached_property
    def _typical_scale(self) -> np.float32:
        """The factor that gives a vector of signs the median L2 norm of the table's rows, from a sample."""
        sample = slice(0, None, max(1, len(self._scales) // 64))
        norms = np.linalg.norm(self._table[sample] * self._scales[sample, None], axis=1)
        return np.float32(np.median(norms) / math.sqrt(self.dim))


def _verify_checksums(folder: Path, sums: Mapping[str, str]) -> None:
    """Raise ValueError for a file with a wrong checksum.

    A damaged table would cause bad results, no error.
    """
    for name, known in sums.items():
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != known:
            raise ValueError(f"{name} does not have the checksum in {META}")


def _array(path: Path) -> NDArray[Any]:
    with path.open("rb") as file:
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        return array


@functools.lru_cache(1 << 12)
def _signs(key: int, dim: int) -> Vectors:
    """A pseudo-random vector of 1 and -1 for a key, as in random indexing (Sahlgren, 2005)."""
    digest = hashlib.shake_128(key.to_bytes(4, "little")).digest((dim + 7) // 8)
    return np.unpackbits(np.frombuffer(digest, np.uint8), count=dim).astype(np.float32) * 2 - 1
