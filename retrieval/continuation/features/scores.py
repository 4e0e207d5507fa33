"""Features made of the candidates' scores on each leg: score, scaled score, rank and margin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..gathering import LEGS, MEANING, WHOLE
from .cut_candidates import CutCandidates, Feature, Matrix


def _raw(pool: CutCandidates, leg: str) -> Matrix:
    scores = np.array(
        [candidate.fragment.scores.get(leg, np.nan) for candidate in pool.candidates], np.float32
    )
    known = scores[np.isfinite(scores)]
    lowest = known.min() if len(known) else np.float32(0)
    filled: Matrix = np.where(np.isfinite(scores), scores, lowest).astype(np.float32)
    return filled


def _share(pool: CutCandidates, leg: str) -> Matrix:
    """The scores scaled to [0, 1] over the candidates."""
    scores = _raw(pool, leg)
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    if high <= low:
        return np.ones_like(scores)
    share: Matrix = ((scores - low) / (high - low)).astype(np.float32)
    return share


def _rank(pool: CutCandidates, leg: str) -> Matrix:
    """1 / rank of each candidate by its score. Equal scores share the best of their ranks."""
    scores = _raw(pool, leg)
    better = (scores[None, :] > scores[:, None]).sum(axis=1)
    rank: Matrix = (1 / (1 + better)).astype(np.float32)
    return rank


def _margin(pool: CutCandidates, leg: str) -> Matrix:
    """The score minus the best score of another candidate, divided by the best score of all."""
    scores = _raw(pool, leg)
    if len(scores) < 2:
        return np.zeros_like(scores)
    second, first = np.partition(scores, -2)[-2:]
    others = np.where(scores == first, second, first)
    margin: Matrix = np.divide(scores - others, max(abs(float(first)), 1e-6), dtype=np.float32)
    return margin


def fused(pool: CutCandidates) -> Matrix:
    """The mean of the scaled scores on the legs WHOLE and MEANING, which are the best two legs."""
    both: Matrix = np.divide(_share(pool, WHOLE) + _share(pool, MEANING), 2, dtype=np.float32)
    return both


_FORMS: dict[str, Callable[[CutCandidates, str], Matrix]] = {
    "raw": _raw, "share": _share, "rank": _rank, "margin": _margin,
}  # fmt: skip


def _feature(leg: str, form: str) -> Feature:
    return Feature(f"{leg}_{form}", lambda pool: _FORMS[form](pool, leg))


FEATURES = (
    *(_feature(leg, form) for leg in LEGS for form in _FORMS),
    Feature("fused", fused),
)
