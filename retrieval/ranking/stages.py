"""The stages of the learned rankers. A stage is a bundled model over features of one kind of evidence.

The first of two stages scores all candidates by cheap features. The second stage scores the best candidates
by these and by costly features. The other candidates come last, in the order of the first stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Generic

import numpy as np

from . import tree_ensemble
from .features import E, FeatureRegistry, Matrix
from .scaling import Vector
from .tree_ensemble import TreeEnsemble


@dataclass(frozen=True)
class Stage(Generic[E]):
    """A stage: the name of the model's folder in WEIGHTS, and the features that the model is trained on.

    If the stage is not `complete`, it uses only the cheap features.
    """

    folder: str
    features: FeatureRegistry[E]
    complete: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stage's features."""
        return self.features.names if self.complete else self.features.cheap

    def matrix(self, evidence: E) -> Matrix:
        """The features of all candidates [candidates, features]."""
        return self.features.matrix(evidence, self.names)

    @cached_property
    def model(self) -> TreeEnsemble:
        """The bundled model. Raises ModelError if the model is damaged, or was trained on other features."""
        return tree_ensemble.load(tree_ensemble.WEIGHTS / self.folder, self.names)


def with_costly(features: FeatureRegistry[E], cheap: Matrix, best: E) -> Matrix:
    """All features of the best candidates, from their cheap features and the evidence on them."""
    return np.hstack([cheap, features.matrix(best, features.costly)])


def scores_below(least: float, before: Vector, top: float, *, slope: float = 1.0, gap: float = 0.0) -> Vector:
    """The scores of the candidates that the second stage does not score, from their scores `before`.

    A candidate whose score before was `top` gets a score `gap` below `least`, which is the lowest score of
    the second stage.
    """
    return least - gap - slope * (top - before)
