"""Fuses the scores of several legs into one score: a min-max normalised convex sum (Bruch et al., 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..result import Candidate


def fuse(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> None:
    """Set `fused` to the weighted mean of the legs' scores, each scaled to [0, 1] over all candidates.

    On each leg, the candidate with the lowest score gets 0. A candidate has no score on a leg
    if it shares no word with the query, or has no vector; this candidate gets 0, too.
    """
    total = sum(weights.values())
    for candidate in candidates:
        candidate.fused = 0.0
    for leg, weight in weights.items():
        known = [c.scores[leg] for c in candidates if leg in c.scores]
        if not known:
            continue
        low, high = min(known), max(known)
        for candidate in candidates:
            if leg in candidate.scores:
                candidate.fused += weight / total * _scale(candidate.scores[leg], low, high)


def _scale(score: float, low: float, high: float) -> float:
    return (score - low) / (high - low) if high > low else 1.0
