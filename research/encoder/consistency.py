"""Keeps consistent pairs. A pair is consistent if a scorer that is given the question finds the answer.

This is the filter of CoRNStack (Suresh et al., 2024), with BM25 and a general dense model as scorers. Neither
scorer was trained on the pairs: a model trained on them would find nearly all of their answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..mining.pairs import KINDS
from .bags import Encoded
from .contrast import Floats
from .embedder import documents, vectors
from .pools import NegativePool, bm25, chunks, pools, rank_of


@dataclass(frozen=True, slots=True)
class Limits:
    """A pair stays if it passes both rules.

    Rank: BM25 or the dense scorer ranks its answer among the best `top` of a pool of up to `pool` answers.
    Cosine: by the dense scorer, question and answer have at least the cosine `cosine`.
    """

    top: int = 20
    pool: int = 3_000
    cosine: float = 0.1
    seed: int = 0


@dataclass(slots=True)
class ConsistencyVerdict:
    """For each pair: its answer's ranks by BM25 (`words`) and by the dense scorer (`meaning`), the cosine of
    question and answer, and whether the pair stays.
    """

    words: NDArray[np.int32]
    meaning: NDArray[np.int32]
    cosine: NDArray[np.float32]
    kept: NDArray[np.bool_]
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    """For each kind, the numbers of all pairs, of pairs that each rule dropped, and of kept pairs."""


def judge(pairs: Encoded, table: Floats, idf: Floats, limits: Limits) -> ConsistencyVerdict:
    """Judge the pairs of one repository. `table` [pieces, dim] holds the vectors of the dense scorer."""
    count = len(pairs)
    verdict = ConsistencyVerdict(
        np.zeros(count, np.int32),
        np.zeros(count, np.int32),
        np.zeros(count, np.float32),
        np.ones(count, bool),
    )
    for pool in pools(pairs, limits.pool, np.random.default_rng(limits.seed)):
        _rank(pairs, pool, table, idf, verdict)
    far = (verdict.words > limits.top) & (verdict.meaning > limits.top)
    low = ~far & (verdict.cosine < limits.cosine)
    verdict.kept = ~(far | low)
    for number, kind in enumerate(KINDS):
        mine = pairs.kind == number
        if mine.any():
            rules = {"pairs": mine, "rank": mine & far, "cosine": mine & low, "kept": mine & verdict.kept}
            verdict.dropped[kind] = {rule: int(mask.sum()) for rule, mask in rules.items()}
    return verdict


def _rank(
    pairs: Encoded, pool: NegativePool, table: Floats, idf: Floats, verdict: ConsistencyVerdict
) -> None:
    size = len(table)
    weighted = bm25(pairs.text.matrix(pool.ranked, size), idf).T.tocsc()
    code = documents(pairs, pool.ranked, table)
    for part in chunks(len(pool.asked)):
        asked, own = pool.asked[part], pool.own[part]
        bags = pairs.query.matrix(asked, size)
        verdict.words[asked] = rank_of((bags @ weighted).toarray(), own)
        scores = vectors(bags, table) @ code.T
        verdict.meaning[asked] = rank_of(scores, own)
        verdict.cosine[asked] = np.take_along_axis(scores, own[:, None], axis=1)[:, 0]
