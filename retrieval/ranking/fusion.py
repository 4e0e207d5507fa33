"""From scores on several legs to one: min-max normalised convex sums (Bruch et al., 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..result import Candidate


def fuse(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> None:
    """Set `fused` in [0, 1]: each leg's scores scaled to [0, 1] over all candidates, then summed by weight.

    A candidate without a score on a leg (no word in common, no vector) gets 0 there, as the leg's worst does.
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
