"""Features made of the candidates' scores on each leg: score, scaled score, rank and margin."""

from __future__ import annotations

import numpy as np

from ...ranking.features import Column, Matrix, for_each, named
from ...ranking.scaling import filled, minmax, reciprocal_ranks
from ..gathering import LEGS, MEANING, WHOLE
from .cut_candidates import CutCandidates


def raw(leg: str, pool: CutCandidates) -> Matrix:
    """The score. A candidate without a score on the leg gets the lowest score on the leg."""
    return filled([one.fragment.scores.get(leg) for one in pool.candidates]).astype(np.float32)


def share(leg: str, pool: CutCandidates) -> Matrix:
    """The scores scaled to [0, 1] over the candidates."""
    return minmax(raw(leg, pool))


def rank(leg: str, pool: CutCandidates) -> Column:
    """1 / rank of each candidate by its score. Equal scores share the best of their ranks."""
    return reciprocal_ranks(raw(leg, pool))


def margin(leg: str, pool: CutCandidates) -> Matrix:
    """The score minus the best score of another candidate, divided by the best score of all."""
    scores = raw(leg, pool)
    if len(scores) < 2:
        return np.zeros_like(scores)
    second, first = np.partition(scores, -2)[-2:]
    others = np.where(scores == first, second, first)
    margin: Matrix = np.divide(scores - others, max(abs(float(first)), 1e-6), dtype=np.float32)
    return margin


def fused(pool: CutCandidates) -> Matrix:
    """The mean of the scaled scores on the legs WHOLE and MEANING, which are the best two legs."""
    both: Matrix = np.divide(share(WHOLE, pool) + share(MEANING, pool), 2, dtype=np.float32)
    return both


FEATURES = {**for_each(LEGS, named(raw, share, rank, margin)), **named(fused)}
