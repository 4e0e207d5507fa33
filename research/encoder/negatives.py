"""Finds hard negatives: code of the same repository and language that the model mistakes for the answer.

The best few candidates are skipped, because they may be answers. Code that is nearly equal to the answer is
skipped as well.
Harder negatives are drawn more often as training proceeds, as in CoRNStack (Suresh et al., 2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bags import Encoded
from .contrast import Floats
from .embedder import documents, vectors
from .pools import NegativePool, chunks, pools


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidates become negatives: of the best `deepest` in a pool, the best `most` that remain without
    the first `skip` and without every candidate whose cosine to the answer is `alike` or more.
    """

    skip: int = 2
    deepest: int = 60
    most: int = 8
    alike: float = 0.9
    pool: int = 3_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Negatives:
    """The hard negatives of n pairs, as numbers of pairs, and their scores.

    Row i of `found` [n, most] and of `scores` [n, most] belongs to pair i. If pair i has fewer than `most`
    negatives, the rest of the row holds i with the score -1. `draw` uses the temperature `softest` when
    training begins, and `hardest` when training ends.
    """

    found: NDArray[np.int32]
    scores: NDArray[np.float32]
    softest: float = 0.2
    hardest: float = 0.02

    def draw(self, chosen: NDArray[np.int64], progress: float, rng: np.random.Generator) -> NDArray[np.int64]:
        """A negative for each of the b chosen pairs. A pair's own number stands for no negative.

        `progress` is the share of the training steps that are done.
        """
        temperature = self.softest * (self.hardest / self.softest) ** progress
        # The argmax of logits plus Gumbel noise is a draw from their softmax.
        noise = rng.gumbel(size=self.scores[chosen].shape)
        best = np.argmax(self.scores[chosen] / temperature + noise, axis=1)
        drawn: NDArray[np.int64] = np.take_along_axis(self.found[chosen], best[:, None], 1)[:, 0].astype(
            np.int64
        )
        return drawn


def mine(pairs: Encoded, kept: NDArray[np.bool_], table: Floats, choice: Choice) -> Negatives:
    """The negatives of one repository's `kept` pairs, by the vectors of `table`."""
    own = np.arange(len(pairs), dtype=np.int32)
    found = np.repeat(own[:, None], choice.most, axis=1)
    scores = np.full(found.shape, -1.0, np.float32)
    for pool in pools(pairs, choice.pool, np.random.default_rng(choice.seed)):
        inside = kept[pool.asked]
        if inside.any():
            _fill(
                pairs,
                NegativePool(pool.asked[inside], pool.ranked, pool.own[inside]),
                table,
                choice,
                found,
                scores,
            )
    return Negatives(found, scores)


def joined(parts: Sequence[Negatives]) -> Negatives:
    """The negatives of several repositories whose pairs are joined in the same order."""
    before, found = 0, []
    for part in parts:
        found.append(part.found + np.int32(before))
        before += len(part.found)
    return Negatives(np.concatenate(found), np.concatenate([part.scores for part in parts]))


def _fill(
    pairs: Encoded,
    pool: NegativePool,
    table: Floats,
    choice: Choice,
    found: NDArray[np.int32],
    scores: NDArray[np.float32],
) -> None:
    code = documents(pairs, pool.ranked, table)
    function = pairs.function[pool.ranked]
    depth = min(choice.deepest, len(pool.ranked))
    for part in chunks(len(pool.asked)):
        asked = pool.asked[part]
        close = vectors(pairs.query.matrix(asked, len(table)), table) @ code.T
        best = np.argpartition(-close, depth - 1, axis=1)[:, :depth]
        order = np.argsort(-np.take_along_axis(close, best, 1), axis=1, kind="stable")
        best = np.take_along_axis(best, order, 1)[:, choice.skip :]
        alike = np.einsum("ijk,ik->ij", code[best], code[pool.own[part]])
        good = (alike < choice.alike) & (function[best] != pairs.function[asked][:, None])
        # Put the good candidates first, without changing their order.
        first = np.argsort(~good, axis=1, kind="stable")[:, : choice.most]
        good = np.take_along_axis(good, first, 1)
        chosen = np.take_along_axis(best, first, 1)
        width = chosen.shape[1]
        found[asked, :width] = np.where(good, pool.ranked[chosen], asked[:, None])
        scores[asked, :width] = np.where(good, np.take_along_axis(close, chosen, 1), -1.0)
