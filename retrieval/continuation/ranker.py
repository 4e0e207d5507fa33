"""Ranks continuations in two stages. The first stage ranks all candidates by cheap features. The second stage
ranks the best of these again, by the cheap features and by features of their parsed joins.

Each stage is a LambdaRank forest (Burges, 2010), or a sum with manual weights if the package has no forest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..config import DEFAULT_CONTINUE_PROFILE
from ..ranking import tree_ensemble
from .features import CHEAP, NAMES, CutCandidates, Matrix, matrix, with_parsed

PARSED_BEST = 40
"""Number of best candidates whose joins are parsed."""

FIRST_STAGE, SECOND_STAGE = "continue-first", "continue"
"""The names of the two stages' folders in WEIGHTS."""

_MAX_EXPLAINED = 12
"""Maximum number of features that an explanation names. It gives one sum for all other features."""

MANUAL_WEIGHTS: Mapping[str, float] = {
    "fused": 1.0,
    "same_name": 0.3,
    "alignment": 0.8,
    "net_parentheses": -0.1,
    "net_brackets": -0.1,
    "net_braces": -0.1,
    "net_ends": -0.1,
    "undefined_share": -0.2,
    "join_worse": -0.1,
    "join_whole": 0.2,
}
"""The weights of the features in a sum. The weight of a `net_` feature applies to its absolute value."""

PROFILE_FEATURES: Mapping[str, tuple[str, ...]] = {
    "bm25": ("whole_share",),
    "dense": ("meaning_share",),
    "hybrid": ("fused",),
    "balance": ("fused", "net_parentheses", "net_brackets", "net_braces", "net_ends"),
    "join": (
        "fused", "net_parentheses", "net_brackets", "net_braces", "net_ends", "join_worse", "join_whole",
    ),
    "learned": (),
}  # fmt: skip
"""The features that each profile adds up, weighted by MANUAL_WEIGHTS. The profile "learned" uses the forests,
or all of MANUAL_WEIGHTS if the package has no forests."""


@dataclass(frozen=True, slots=True)
class RankedCandidates:
    """The indexes of candidates, best first, with the candidates' scores and features.

    `order` and `scores` are in the order of the ranking. `cheap` has the cheap features of all candidates, in
    the order of the pool.
    """

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    cheap: Matrix
    features: Matrix
    """All features of the first `k` candidates of `order` [k, len(NAMES)]. The joins of these candidates were
    parsed; `k` is 0 if no join was parsed."""


def rank(pool: CutCandidates, profile: str = DEFAULT_CONTINUE_PROFILE) -> RankedCandidates:
    """Rank the candidates. Candidates with equal scores are ordered by path and line."""
    cheap = matrix(pool)
    first = _score(FIRST_STAGE, CHEAP, cheap, profile)
    order = _sorted(pool, first, np.arange(len(first)))
    if not _parses(profile) or not len(order):
        return RankedCandidates(order, first[order], cheap, np.zeros((0, len(NAMES)), np.float32))
    best = order[:PARSED_BEST]
    full = with_parsed(cheap, best.tolist(), pool)
    second = _score(SECOND_STAGE, NAMES, full, profile)
    inner = _sorted(pool, second, best)
    # Candidates whose joins were not parsed come last, in the order of the first stage.
    rest = order[PARSED_BEST:]
    floor = float(second.min()) if len(second) else 0.0
    below = floor - 1.0 - (first[rest].max() - first[rest] if len(rest) else np.zeros(0))
    place = {int(row): number for number, row in enumerate(best)}
    rows = [place[int(row)] for row in inner]
    return RankedCandidates(
        np.concatenate([inner, rest]), np.concatenate([second[rows], below]), cheap, full[rows]
    )


def explained(
    ranked: RankedCandidates, number: int, profile: str = DEFAULT_CONTINUE_PROFILE
) -> dict[str, float]:
    """Returns the contributions of the features to the score of the candidate at position `number`.

    The largest contributions come first. Returns {} if the join of the candidate was not parsed.
    """
    if number >= len(ranked.features):
        return {}
    row = ranked.features[number : number + 1]
    model = tree_ensemble.bundled(SECOND_STAGE, NAMES) if profile == "learned" else None
    if model is None:
        chosen = PROFILE_FEATURES[profile] or MANUAL_WEIGHTS
        return {name: float(row[0, NAMES.index(name)]) for name in chosen if row[0, NAMES.index(name)]}
    base, added = model.contributions(row)
    return tree_ensemble.largest(NAMES, added[0], base, _MAX_EXPLAINED)


def _sorted(pool: CutCandidates, scores: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    keys = [
        (-round(float(score), 6), *pool.candidates[int(row)].fragment.sort_key)
        for score, row in zip(scores, rows, strict=True)
    ]
    return rows[sorted(range(len(rows)), key=keys.__getitem__)]


def _parses(profile: str) -> bool:
    return profile == "learned" or any(name not in CHEAP for name in PROFILE_FEATURES[profile])


def _score(stage: str, names: tuple[str, ...], values: Matrix, profile: str) -> NDArray[np.float64]:
    """The scores of the candidates in a stage: by the stage's model, or without a model by manual weights.

    `values` holds the features with these names, with a row per candidate. Only the profile "learned" uses
    models.
    """
    model = tree_ensemble.bundled(stage, names) if profile == "learned" else None
    if model is not None:
        return model.predict(values)
    total = np.zeros(len(values))
    for name in PROFILE_FEATURES[profile] or MANUAL_WEIGHTS:
        if name in names:
            column = values[:, names.index(name)]
            total += MANUAL_WEIGHTS.get(name, 1.0) * (np.abs(column) if name.startswith("net_") else column)
    return total
