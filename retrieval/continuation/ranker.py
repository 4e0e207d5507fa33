"""Ranks continuations in two stages. The first stage ranks all candidates by cheap features. The second stage
ranks the best of these again, by the cheap features and by features of their parsed joins.

Each stage is a LambdaRank forest (Burges, 2010), or for comparison a sum with manual weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..config import DEFAULT_CONTINUE_PROFILE
from ..ranking import stages
from ..ranking.features import Matrix
from ..ranking.scaling import Vector
from ..ranking.stages import Stage
from .features import FEATURES, CutCandidates

PARSED_BEST = 40
"""Number of best candidates whose joins are parsed."""

FIRST_STAGE = Stage("continue-first", FEATURES, complete=False)
SECOND_STAGE = Stage("continue", FEATURES)

_MAX_EXPLAINED = 12
"""Maximum number of features that an explanation names. It gives one sum for all other features."""

_BALANCE: Mapping[str, float] = {
    "fused": 1.0, "net_parentheses": -0.1, "net_brackets": -0.1, "net_braces": -0.1, "net_ends": -0.1,
}  # fmt: skip
PROFILE_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "bm25": {"whole_share": 1.0},
    "dense": {"meaning_share": 1.0},
    "hybrid": {"fused": 1.0},
    "balance": _BALANCE,
    "join": {**_BALANCE, "join_worse": -0.1, "join_whole": 0.2},
}
"""The manual weights of the features in a sum, by profile. The weight of a `net_` feature applies to its
absolute value. The profile "learned" uses the forests instead."""


@dataclass(frozen=True, slots=True)
class RankedCandidates:
    """The indexes of candidates, best first, with the candidates' scores and features.

    `order` and `scores` are in the order of the ranking.
    """

    order: NDArray[np.intp]
    scores: Vector
    features: Matrix
    """All features of the first `k` candidates of `order` [k, len(FEATURES)]. The joins of these candidates
    were parsed; `k` is 0 if no join was parsed."""


def rank(pool: CutCandidates, profile: str = DEFAULT_CONTINUE_PROFILE) -> RankedCandidates:
    """Rank the candidates. Candidates with equal scores are ordered by path and line."""
    cheap = FEATURES.matrix(pool, FEATURES.cheap)
    first = _score(FIRST_STAGE, cheap, profile)
    order = _sorted(pool, first)
    if not _parses(profile) or not len(order):
        return RankedCandidates(order, first[order], np.zeros((0, len(FEATURES)), np.float32))
    best, rest = order[:PARSED_BEST], order[PARSED_BEST:]
    parsed = pool.only(best.tolist())
    full = stages.with_costly(FEATURES, cheap[best], parsed)
    second = _score(SECOND_STAGE, full, profile)
    inner = _sorted(parsed, second)
    below = stages.scores_below(float(second.min()), first[rest], first[rest].max(initial=-np.inf), gap=1.0)
    scores = np.concatenate([second[inner], below])
    return RankedCandidates(np.concatenate([best[inner], rest]), scores, full[inner])


def explained(
    ranked: RankedCandidates, number: int, profile: str = DEFAULT_CONTINUE_PROFILE
) -> dict[str, float]:
    """Returns the contributions of the features to the score of the candidate at position `number`.

    The largest contributions come first. Returns {} if the join of the candidate was not parsed.
    """
    row = ranked.features[number : number + 1]
    if not len(row):
        return {}
    if profile == "learned":
        return SECOND_STAGE.model.explain(row, _MAX_EXPLAINED)[0]
    values = dict(zip(FEATURES.names, row[0].tolist(), strict=True))
    return {name: values[name] for name in PROFILE_WEIGHTS[profile] if values[name]}


def _sorted(pool: CutCandidates, scores: Vector) -> NDArray[np.intp]:
    """The indexes of the candidates, by descending score, then by path and line."""
    pairs = zip(scores.tolist(), pool.candidates, strict=True)
    keys = [(-round(score, 6), *candidate.fragment.place) for score, candidate in pairs]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.intp)


def _parses(profile: str) -> bool:
    return profile == "learned" or not PROFILE_WEIGHTS[profile].keys().isdisjoint(FEATURES.costly)


def _score(stage: Stage[CutCandidates], values: Matrix, profile: str) -> Vector:
    """The scores of the candidates in a stage, from the stage's features [candidates, features]."""
    if profile == "learned":
        return stage.model.predict(values)
    total = np.zeros(len(values))
    for name, weight in PROFILE_WEIGHTS[profile].items():
        if name in stage.names:
            column = values[:, stage.names.index(name)]
            total += weight * (np.abs(column) if name.startswith("net_") else column)
    return total
