"""Dense vectors: the `Encoder` protocol, the bundled static model, and any model that fastembed loads."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from . import lexical
from .errors import ModelError

Vectors = NDArray[np.float32]

BUNDLED = "static-code-v0"
_WEIGHTS = Path(__file__).parent / "weights"


class Encoder(Protocol):
    """Text to vectors of length `dim` and L2 norm 1; a text without words gives a row of zeros.

    `fingerprint` changes whenever the vectors would. `parallel` says that each indexing worker may load its own.
    """

    dim: int
    fingerprint: str
    parallel: bool

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        """Vectors [n, dim] of fragments; a title is a fragment's qualified name and path."""

    def query(self, text: str) -> Vectors:
        """The vector [dim] of a question or of code."""


def load(model: str = "", *, download: bool = False) -> Encoder:
    """The encoder by name: "" is the bundled one; else a folder, or a model that fastembed knows.

    Nothing is fetched from the network unless `download` says so.

    Raises ModelError for weights that are missing or damaged, Unsupported where fastembed is not installed.
    """
    if model in ("", BUNDLED):
        return StaticEncoder(_WEIGHTS / BUNDLED)
    folder = Path(model).expanduser()
    if (folder / "model.json").is_file():
        return StaticEncoder(folder)
    from .fastembed import FastembedEncoder

    return FastembedEncoder(model, download=download)


class StaticEncoder:
    """A table of subword vectors: the weighted sum of a text's rows, normalised. The files are described in their card.md."""

    parallel = True

    def __init__(self, folder: Path) -> None:
        try:
            meta = json.loads((folder / "model.json").read_text("utf-8"))
            self._table = np.load(folder / "table.npy", mmap_mode="r")
            self._scales = np.load(folder / "scales.npy")
            merges = np.load(folder / "merges.npy").astype(np.uint32)
            self.dim = int(meta["dim"])
            self._pieces = _Pieces(meta["alphabet"], merges, int(meta["max_chars"]), int(meta["max_pieces"]))
            self._max_subwords = int(meta["max_subwords"])
            self._title_weight = float(meta["title_weight"])
            self.fingerprint = f"{meta['name']}-{meta['sha256']['table.npy'][:12]}"
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{folder}: not a usable static model ({error}); reinstall cornea or name another model") from error
        if self._table.shape != (len(self._scales), self.dim):
            raise ModelError(f"{folder}: table.npy has the shape {self._table.shape}; reinstall cornea or name another model")

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        vectors = self._encode(texts)
        vectors += self._title_weight * self._encode(titles)
        return normalise(vectors)

    def query(self, text: str) -> Vectors:
        vector: Vectors = self._encode([text])[0]
        return vector

    def _encode(self, texts: Sequence[str]) -> Vectors:
        ids: list[int] = []
        weights: list[float] = []
        starts: list[int] = []
        out = np.zeros((len(texts), self.dim), np.float32)
        rows: list[int] = []
        for row, text in enumerate(texts):
            counts, foreign = self._count(text)
            if counts:
                rows.append(row)
                starts.append(len(ids))
                ids += counts.keys()
                weights += (1 + math.log(n) for n in counts.values())
            for word, n in foreign.items():
                out[row] += (1 + math.log(n)) * self._direction(word)
        if ids:
            scaled = self._table[ids] * (self._scales[ids] * np.asarray(weights, np.float32))[:, None]
            out[rows] += np.add.reduceat(scaled, starts, axis=0)
        return normalise(out)

    def _count(self, text: str) -> tuple[Counter[int], Counter[str]]:
        """How often each table row counts in a text, and each word that the table cannot spell."""
        counts: Counter[int] = Counter()
        foreign: Counter[str] = Counter()
        left = self._max_subwords
        for word, n in Counter(lexical.words(text)).items():
            for part in lexical.parts(word):
                pieces = self._pieces[part]
                if pieces is None:
                    foreign[part] += n
                else:
                    for piece in pieces:
                        counts[piece] += n
            left -= 1
            if left <= 0:
                break
        return counts, foreign

    def _direction(self, word: str) -> Vectors:
        """A pseudo-random direction fixed by the word, as long as a typical row: random indexing (Sahlgren, 2005)."""
        digest = hashlib.shake_128(word.encode("utf-8", "surrogatepass")).digest((self.dim + 7) // 8)
        signs = np.unpackbits(np.frombuffer(digest, np.uint8), count=self.dim).astype(np.float32) * 2 - 1
        return signs * np.float32(self._typical / math.sqrt(self.dim))

    @functools.cached_property
    def _typical(self) -> float:
        """The L2 norm of a middling row (in units of the table)."""
        sample = slice(0, None, max(1, len(self._scales) // 64))
        return float(np.median(np.linalg.norm(self._table[sample] * self._scales[sample, None], axis=1)))


class _Pieces(dict[str, "tuple[int, ...] | None"]):
    """Word -> ids of its byte-pair pieces, computed once a word; None for a word with letters that have no id."""

    def __init__(self, alphabet: Sequence[str], merges: NDArray[np.uint32], max_chars: int, max_pieces: int) -> None:
        super().__init__()
        self._ids = {char: i for i, char in enumerate(alphabet, 1)}
        first = len(alphabet) + 1
        self._merged = dict(zip((merges[:, 0] << 16 | merges[:, 1]).tolist(), range(first, first + len(merges)), strict=True))
        self._max_chars, self._max_pieces = max_chars, max_pieces

    def __missing__(self, word: str) -> tuple[int, ...] | None:
        pieces = self._split(word[: self._max_chars])
        self[word] = pieces
        return pieces

    def _split(self, word: str) -> tuple[int, ...] | None:
        """Byte-pair encoding (Sennrich et al., 2016): the earliest learned merge first. Ids grow in that order."""
        ids = [self._ids.get(char if i == 0 else "##" + char) for i, char in enumerate(word)]
        known = [i for i in ids if i is not None]
        if len(known) < len(ids):
            return None
        while len(known) > 1:
            pairs = [self._merged.get(a << 16 | b, 1 << 31) for a, b in zip(known, known[1:], strict=False)]
            best = min(pairs)
            if best == 1 << 31:
                break
            at = pairs.index(best)
            known[at : at + 2] = [best]
        return tuple(known[: self._max_pieces])


def normalise(vectors: Vectors) -> Vectors:
    """Rows scaled to L2 norm 1; rows of zeros stay."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
