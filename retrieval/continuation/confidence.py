"""Estimates the confidence of a suggestion: the probability that the names in its first line are right.

The probability is the result of a logistic regression on the ranker's score and some features. `cornea train
confidence` fits this regression to functions of repositories that the ranker was not trained on, and chooses
the threshold.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.errors import ModelError

from ..ranking.scaling import Vector
from ..ranking.tree_ensemble import WEIGHTS
from .features import FEATURES, CutCandidates
from .ranker import SECOND_STAGE, RankedCandidates

FILE = WEIGHTS / SECOND_STAGE.folder / "confidence.json"

_FEATURES = (
    "alignment", "last_line_alike", "near_file", "head_known", "head_unknown", "same_name", "cut_share",
    "fused",
)  # fmt: skip
SIGNALS = ("score", "margin", "agree", "short", *_FEATURES)
"""The inputs of the regression. `score` is the ranker's score, and `margin` the difference from the score of
the best candidate with another first line. `agree` is the number of the best candidates that have the same
first line, and `short` says whether that line is short. The other signals are features of the ranker."""
_MOST_MARGIN, _MOST_AGREE, _LOOKED_AT, _VOTERS, _SHORT_LINE = 3.0, 4, 10, 5, 12


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression: the logistic function of signals @ weights + bias.

    Suggestions with a confidence below `threshold` are not shown.
    """

    weights: Vector
    bias: float
    threshold: float

    def chances(self, signals: Vector) -> Vector:
        """The confidences [n] of signals [n, len(SIGNALS)]."""
        total = np.einsum("ij,j->i", signals, self.weights) + self.bias
        found: Vector = 1 / (1 + np.exp(-np.clip(total, -30.0, 30.0)))
        return found


@functools.cache
def bundled() -> Calibration:
    """The bundled calibration. Raises ModelError if its file is damaged."""
    return load(FILE)


def load(path: Path) -> Calibration:
    """The calibration in a file. Raises ModelError if the file is damaged or lacks a signal."""
    try:
        data = json.loads(path.read_bytes())
        weights = np.array([float(data["weights"][name]) for name in SIGNALS])
        return Calibration(weights, float(data["bias"]), float(data["threshold"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: not a usable calibration ({error!r}); reinstall cornea") from error


def chances(pool: CutCandidates, ranked: RankedCandidates) -> list[float]:
    """The confidence of each candidate, in the order of the ranking; 0 if the join was not parsed."""
    found: list[float] = bundled().chances(signals(pool, ranked)).tolist()
    return found + [0.0] * (len(ranked.order) - len(found))


def signals(pool: CutCandidates, ranked: RankedCandidates) -> Vector:
    """The signals of the candidates whose join was parsed, in the order of the ranking [k, len(SIGNALS)]."""
    count = len(ranked.features)
    lines = [_first_line(pool.candidates[int(row)].text) for row in ranked.order[: max(count, _LOOKED_AT)]]
    votes = Counter(lines[:_VOTERS])
    best = [float(score) for score in ranked.scores[:_LOOKED_AT]]
    rows = []
    for number, line in enumerate(lines[:count]):
        score = float(ranked.scores[number])
        others = [one for one, other in zip(best, lines, strict=False) if other != line]
        margin = min(score - max(others), _MOST_MARGIN) if others else _MOST_MARGIN
        rows.append((score, margin, min(votes[line], _MOST_AGREE), len(line) < _SHORT_LINE))
    own = np.array(rows, np.float64).reshape(count, 4)
    columns = [FEATURES.names.index(name) for name in _FEATURES]
    return np.concatenate([own, ranked.features[:, columns].astype(np.float64)], axis=1)


def _first_line(text: str) -> str:
    return "".join(text.strip().partition("\n")[0].split())
