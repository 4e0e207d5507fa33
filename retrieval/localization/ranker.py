"""Ranks candidates by LambdaRank trees and a linear model, or by base scores if there are no weights."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..ranking import tree_ensemble
from ..ranking.tree_ensemble import TreeEnsemble
from .corpus import Vector
from .features import NAMES
from .features.function_candidates import FunctionCandidates

FOLDER = "locate"
WEIGHTS = Path(__file__).parents[1] / "weights"


class FunctionRanker:
    """Scores candidates by their features with `model`, or by their base scores if `model` is None."""

    def __init__(self, model: TreeEnsemble | None) -> None:
        self.model = model

    def score(self, candidates: FunctionCandidates, rows: NDArray[np.float32]) -> Vector:
        """The scores of the candidates [k]. `rows` are the candidates' features."""
        return self.model.predict(rows) if self.model else candidates.of(candidates.evidence.base)


@functools.cache
def bundled() -> FunctionRanker:
    """The ranker with the bundled weights. Raises ModelError if the weights are damaged."""
    folder = WEIGHTS / FOLDER
    return FunctionRanker(
        tree_ensemble.load(folder, NAMES) if (folder / tree_ensemble.META).is_file() else None
    )
