"""Fuses the scores of several legs into one score: a min-max normalised convex sum (Bruch et al., 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..result import Candidate
from .scaling import Vector, minmax


def fuse(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> None:
    """Set `fused` to the weighted mean of the legs' scores, each scaled to [0, 1] over all candidates.

    On each leg, the candidate with the lowest score gets 0. A candidate has no score on a leg
    if it shares no word with the query, or has no vector; this candidate gets 0, too.
    """
    scores = {leg: np.array([c.scores.get(leg, np.nan) for c in candidates], np.float64) for leg in weights}
    fused = weighted_mean({leg: np.nan_to_num(minmax(column)) for leg, column in scores.items()}, weights)
    for candidate, score in zip(candidates, fused.tolist(), strict=True):
        candidate.fused = score


def weighted_mean(columns: Mapping[str, Vector], weights: Mapping[str, float]) -> Vector:
    """The mean of the legs' columns [n], weighted by the weights of the legs.

    `weights` contains at least one leg. Columns of other legs do not count.
    """
    total = sum(weights.values())
    shares = [weight / total * columns[leg] for leg, weight in weights.items()]
    return np.asarray(np.sum(shares, axis=0), np.float64)
