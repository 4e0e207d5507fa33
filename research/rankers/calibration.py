"""Fits the confidence of suggestions: a logistic regression, and the least confidence of a shown suggestion.

held-out functions, typed again -> the best candidate -> its signals, and whether it was right
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from retrieval.continuation.confidence import SIGNALS, Calibration, signals
from retrieval.continuation.ranker import rank
from retrieval.ranking.scaling import Vector

from ..benchmarks.continuation import names_shared
from ..datasets import clones
from ..datasets.reading import write_json
from ..datasets.steps import Say
from .continuation import typed_again

RIGHT = 0.7
"""Target for the share of shown suggestions whose first line has the right names. The target is higher than
the promised 0.6, because the share differs between repositories."""
_PENALTY = 3.0
_STEPS = 50
_FEWEST = 30


@dataclass(frozen=True, slots=True)
class Tried:
    """The best continuation of one held-out function: its signals, and whether it was right."""

    repo: str
    signals: Vector
    right: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A threshold of confidence.

    `coverage` is the share of suggestions that reach the threshold. `precision` is the share of right
    suggestions among these.
    """

    threshold: float
    coverage: float
    precision: float


def collect(
    paths: Sequence[Path], encoder: Encoder, count: int, exclude: Path | None = None, seed: int = 0,
    say: Say = lambda line: None,
) -> Iterator[Tried]:  # fmt: skip
    """Hold out up to `count` functions per clone, type the functions again, and yield the best continuations.

    Raises UsageError if a clone belongs to a repository in `exclude`.
    """
    for clone, case, pool in typed_again(clones.allowed(paths, exclude), encoder, count, seed, say):
        ranked = rank(pool)
        if len(ranked.features):
            best = pool.candidates[int(ranked.order[0])].text.strip()
            right = names_shared(best, case.truth, case.buffer.language)
            yield Tried(clone.name, signals(pool, ranked)[0], right)


def fit(tried: Sequence[Tried]) -> tuple[Calibration, Shown]:
    """The regression on all functions, and the threshold that cross-validation by repository chooses.

    Raises UsageError if there are too few functions or repositories to learn from.
    """
    rows = np.array([one.signals for one in tried]).reshape(-1, len(SIGNALS))
    right = np.array([one.right for one in tried], np.float64)
    repos = np.array([one.repo for one in tried])
    if len(set(repos)) < 2 or len(tried) < _FEWEST or right.min() == right.max():
        raise UsageError("too little to learn from; give clones of two repositories and more functions")
    chances = np.zeros(len(tried))
    for repo in sorted(set(repos)):
        here = repos == repo
        chances[here] = Calibration(*_regression(rows[~here], right[~here]), 0.0).chances(rows[here])
    shown = threshold(chances, right)
    return Calibration(*_regression(rows, right), shown.threshold), shown


def threshold(chances: Vector, right: Vector) -> Shown:
    """The lowest threshold, in steps of 0.01, at which the share RIGHT of the shown suggestions is right.

    If no threshold reaches that share, returns the highest threshold at which a suggestion is shown.
    """
    found = [_shown(hundredth / 100, chances, right) for hundredth in range(5, 96)]
    enough = [one for one in found if one.coverage and one.precision >= RIGHT]
    return enough[0] if enough else [one for one in found if one.coverage][-1]


def _shown(level: float, chances: Vector, right: Vector) -> Shown:
    above = chances >= level
    return Shown(level, float(above.mean()), float(right[above].mean()) if above.any() else 0.0)


def _regression(rows: Vector, right: Vector) -> tuple[Vector, float]:
    """Weights and bias of a logistic regression, by Newton's method.

    The L2 penalty is on the weights of the standardised columns.
    """
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.concatenate([(rows - middle) / spread, np.ones((len(rows), 1))], axis=1)
    penalty = np.full(scaled.shape[1], _PENALTY)
    penalty[-1] = 0.0
    weights = np.zeros(scaled.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30.0, 30.0)))
        curvature = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + np.diag(penalty)
        curvature[-1, -1] += 1e-9
        weights -= np.linalg.solve(curvature, scaled.T @ (chance - right) + penalty * weights)
    slopes: NDArray[np.float64] = weights[:-1] / spread
    return slopes, float(weights[-1] - slopes @ middle)


def write(path: Path, calibration: Calibration, about: Mapping[str, Any]) -> None:
    """Write the file that `confidence.load` reads."""
    weights = {name: round(float(one), 4) for name, one in zip(SIGNALS, calibration.weights, strict=True)}
    data = {
        "weights": weights,
        "bias": round(calibration.bias, 4),
        "threshold": calibration.threshold,
        **about,
    }
    write_json(path, data)
