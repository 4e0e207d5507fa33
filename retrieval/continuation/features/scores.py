"""Features made of the candidates' scores on each leg: score, scaled score, rank and margin."""

from __future__ import annotations

import numpy as np

from ...ranking.features import for_each, named
from ..gathering import LEGS, MEANING, WHOLE
from .cut_candidates import CutCandidates, Matrix


def raw(leg: str, pool: CutCandidates) -> Matrix:
    scores = np.array(
        [candidate.fragment.scores.get(leg, np.nan) for candidate in pool.candidates], np.float32
    )
    known = scores[np.isfinite(scores)]
    lowest = known.min() if len(known) else np.float32(0)
    filled: Matrix = np.where(np.isfinite(scores), scores, lowest).astype(np.float32)
    return filled


def share(leg: str, pool: CutCandidates) -> Matrix:
    """The scores scaled to [0, 1] over the candidates."""
    scores = raw(leg, pool)
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    if high <= low:
        return np.ones_like(scores)
    share: Matrix = ((scores - low) / (high - low)).astype(np.float32)
    return share


def rank(leg: str, pool: CutCandidates) -> Matrix:
    """1 / rank of each candidate by its score. Equal scores share the best of their ranks."""
    scores = raw(leg, pool)
    better = (scores[None, :] > scores[:, None]).sum(axis=1)
    rank: Matrix = (1 / (1 + better)).astype(np.float32)
    return rank


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


FEATURES = {**for_each(LEGS, raw, share, rank, margin), **named(fused)}
