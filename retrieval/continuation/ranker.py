"""The ranking of continuations, in two stages: cheap features order all, parsed joins the best of them.

Each stage is a LambdaRank forest (Burges, 2010); without weights in the package a sum by hand.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ranking import tree_ensemble
from .features import CHEAP, NAMES, Matrix, Pool, matrix, with_parsed
from .profiles import DEFAULT

PARSED_BEST = 40
"""So many of the best have their joins parsed."""

WEIGHTS = Path(__file__).parents[1] / "weights"
FIRST, SECOND = "continue-first", "continue"
"""Folders of the two stages' weights."""

REST = "other features"
_SAID = 12
"""Features that an explanation names; the others are summed."""

BY_HAND: Mapping[str, float] = {
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
"""Weights for a sum; those of nets count each bracket left open, or closed too many."""

PROFILES: Mapping[str, tuple[str, ...]] = {
    "bm25": ("whole_share",),
    "dense": ("meaning_share",),
    "hybrid": ("fused",),
    "balance": ("fused", "net_parentheses", "net_brackets", "net_braces", "net_ends"),
    "join": (
        "fused", "net_parentheses", "net_brackets", "net_braces", "net_ends", "join_worse", "join_whole",
    ),
    "learned": (),
}  # fmt: skip
"""Ways to rank, and which features each adds up by hand; "learned" is the forests."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows of a pool, best first, with their scores; and the features that were computed of them."""

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    cheap: Matrix
    features: Matrix
    """Those of the first rows of `order`, with the parsed joins [k, len(NAMES)]; empty where none was."""


def rank(pool: Pool, profile: str = DEFAULT) -> Ranked:
    """The options of a pool in order; ties by the fragments' places."""
    cheap = matrix(pool)
    first = _first(cheap, profile)
    order = _sorted(pool, first, np.arange(len(first)))
    if not _parses(profile) or not len(order):
        return Ranked(order, first[order], cheap, np.zeros((0, len(NAMES)), np.float32))
    best = order[:PARSED_BEST]
    full = with_parsed(cheap, best.tolist(), pool)
    second = _second(full, profile)
    inner = _sorted(pool, second, best)
    # What was not parsed follows in the order of the first stage, below the worst that was.
    rest = order[PARSED_BEST:]
    floor = float(second.min()) if len(second) else 0.0
    below = floor - 1.0 - (first[rest].max() - first[rest] if len(rest) else np.zeros(0))
    place = {int(row): number for number, row in enumerate(best)}
    rows = [place[int(row)] for row in inner]
    return Ranked(np.concatenate([inner, rest]), np.concatenate([second[rows], below]), cheap, full[rows])


def explained(ranked: Ranked, number: int, profile: str = DEFAULT) -> dict[str, float]:
    """What the features of a row of `ranked` added to its score, the weightiest first; {} if unparsed."""
    if number >= len(ranked.features):
        return {}
    row = ranked.features[number : number + 1]
    model = _model(SECOND, NAMES) if profile == "learned" else None
    if model is None:
        chosen = PROFILES[profile] or BY_HAND
        return {name: float(row[0, NAMES.index(name)]) for name in chosen if row[0, NAMES.index(name)]}
    base, added = model.contributions(row)
    places = sorted(range(len(NAMES)), key=lambda i: (-abs(added[0, i]), i))[:_SAID]
    said = {NAMES[i]: float(added[0, i]) for i in places if added[0, i]}
    said[REST] = base + float(added[0].sum()) - sum(said.values())
    return said


def _sorted(pool: Pool, scores: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    keys = [
        (-round(float(score), 6), *pool.options[int(row)].found.order)
        for score, row in zip(scores, rows, strict=True)
    ]
    return rows[sorted(range(len(rows)), key=keys.__getitem__)]


def _parses(profile: str) -> bool:
    return profile == "learned" or any(name not in CHEAP for name in PROFILES[profile])


def _first(cheap: Matrix, profile: str) -> NDArray[np.float64]:
    model = _model(FIRST, CHEAP) if profile == "learned" else None
    return model.predict(cheap) if model else _by_hand(cheap, CHEAP, profile)


def _second(full: Matrix, profile: str) -> NDArray[np.float64]:
    model = _model(SECOND, NAMES) if profile == "learned" else None
    return model.predict(full) if model else _by_hand(full, NAMES, profile)


def _by_hand(values: Matrix, names: Sequence[str], profile: str) -> NDArray[np.float64]:
    total = np.zeros(len(values))
    for name in PROFILES[profile] or BY_HAND:
        if name in names:
            column = values[:, names.index(name)]
            total += BY_HAND.get(name, 1.0) * (np.abs(column) if name.startswith("net_") else column)
    return total


@functools.cache
def _model(name: str, names: tuple[str, ...]) -> tree_ensemble.TreeEnsemble | None:
    """The weights of a stage; None if the package has none. Raises ModelError for damaged ones."""
    folder = WEIGHTS / name
    return tree_ensemble.load(folder, names) if (folder / tree_ensemble.META).is_file() else None
