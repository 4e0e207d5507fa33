"""Ranks candidates by LambdaRank trees and a linear model, or by base scores if there are no weights."""

from __future__ import annotations

import numpy as np

from ..ranking import tree_ensemble
from .corpus import Vector
from .features import NAMES, matrix
from .features.function_candidates import FunctionCandidates

FOLDER = "locate"
"""The name of the folder of the model in WEIGHTS."""


def score(candidates: FunctionCandidates) -> Vector:
    """The scores of the candidates [k]: by the bundled model, or without a model the base scores.

    Raises ModelError if the model is damaged.
    """
    model = tree_ensemble.bundled(FOLDER, NAMES)
    return model.predict(matrix(candidates)) if model else candidates.of(candidates.evidence.base)


def shares_of(scores: Vector) -> Vector:
    """The softmax of the scores: the probabilities that the ranker was trained to predict."""
    grown = np.exp(scores - scores.max(initial=-np.inf))
    shares: Vector = grown / (grown.sum() or 1.0)
    return shares
