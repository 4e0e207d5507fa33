"""Groups the pairs of a repository by language, so that a question's answer competes with similar code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer import extras

from ..mining.pairs import KINDS
from .bags import Encoded

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CODE = (("doc", "commit"), ("continue",), ("name",))
"""Groups of kinds whose answers are alike: whole functions, rests, bodies."""

_CHUNK = 512


@dataclass(frozen=True, slots=True)
class NegativePool:
    """Pairs of one repository, language and group of kinds.

    `asked` [n] are the pairs whose questions are asked. `ranked` [m] are the pairs whose answers are ranked
    for each question. `ranked[own[i]]` is the same pair as `asked[i]`.
    """

    asked: NDArray[np.int64]
    ranked: NDArray[np.int64]
    own: NDArray[np.int64]


def pools(pairs: Encoded, most: int, rng: np.random.Generator) -> Iterator[NegativePool]:
    """The pairs of one repository, divided at random into pools of at most `most` pairs.

    In each pool, the answers of all pairs are ranked for the question of each pair.
    """
    for sort in CODE:
        kinds = np.isin(pairs.kind, [KINDS.index(kind) for kind in sort])
        for language in np.unique(pairs.language[kinds]):
            members = np.flatnonzero(kinds & (pairs.language == language))
            members = rng.permutation(members)
            parts = max(1, -(-len(members) // most))
            for part in np.array_split(members, parts):
                yield NegativePool(part, part, np.arange(len(part)))


def chunks(count: int) -> Iterator[slice]:
    """Ranges of rows, of a size that keeps the matrix of scores small."""
    for start in range(0, count, _CHUNK):
        yield slice(start, min(start + _CHUNK, count))


def rank_of(scores: NDArray[np.float32], own: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank [n] of each question's own answer, from 1. An answer with an equal score counts as better."""
    truth = np.take_along_axis(scores, own[:, None], axis=1)
    found: NDArray[np.int64] = (scores >= truth).sum(axis=1)
    return found


def bm25(bags: csr_matrix, idf: NDArray[np.float32], k1: float = 1.5, b: float = 0.75) -> csr_matrix:
    """The BM25 weights [m, pieces] of documents. `bags` holds their pieces with the weights 1 + ln(times)."""
    sparse = extras.require("scipy.sparse", "train", "training")
    times = np.exp(bags.data - 1)
    rows = np.repeat(np.arange(bags.shape[0]), np.diff(bags.indptr))
    lengths = np.bincount(rows, times, bags.shape[0])
    norms = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    values = (times * (k1 + 1) / (times + norms[rows]) * idf[bags.indices]).astype(np.float32)
    return sparse.csr_matrix((values, bags.indices, bags.indptr), bags.shape)
