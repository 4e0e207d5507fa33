"""The learned ranking of search: trees over a file's features, then the file's fragments among themselves."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import trees
from ..query import Query
from ..rerank import Found, Ranking, Why
from ..result import Candidate
from ..trees import Trees
from .evidence import FUSED, Evidence, Pool, Vector
from .features import FEATURES, matrix

MODEL = "search-v1"
WEIGHTS = Path(__file__).parent.parent / "weights"

DEFINES, CLASS = 0.8, 0.35
"""How much it counts, beside the fused score, that a fragment is the definition that the question names, and
that this is a class: usually meant when a function of the file has the same name."""
BEHIND = 10.0
"""By how much of the trees' scale a fragment falls behind its file's best for each point of that score."""

_SAID = 8
"""Features that an explanation names; the others are summed."""
REST, BESIDE = "other features", "behind the file's best"


@functools.cache
def bundled() -> Learned:
    """The ranker of the package. Raises ModelError where it is damaged."""
    return Learned(trees.load(WEIGHTS / MODEL, list(FEATURES)))


class Learned:
    """A reranker with trees over FEATURES."""

    def __init__(self, model: Trees) -> None:
        self._model = model

    def rank(self, query: Query, found: Found) -> Ranking:
        if not found.candidates:
            return Ranking([], lambda chosen: [])
        pool = Pool.of(query, found.candidates, found.whole)
        evidence = Evidence(pool)
        rows = matrix(evidence)
        behind = _behind(evidence)
        scores = self._model.predict(rows)[pool.file] - behind
        for candidate, score in zip(pool.fragments, scores.tolist(), strict=True):
            candidate.score = score
        ordered = sorted(pool.fragments, key=lambda c: c.order)
        file = dict(zip((c.id for c in pool.fragments), pool.file.tolist(), strict=True))
        return Ranking(ordered, lambda chosen: self._explain(rows[[file[c.id] for c in chosen]], chosen))

    def _explain(self, rows: NDArray[np.float32], chosen: Sequence[Candidate]) -> list[Why]:
        base, added = self._model.contributions(rows)
        return [_said(self._model.names, row, base, c.score) for row, c in zip(added, chosen, strict=True)]


def _behind(evidence: Evidence) -> Vector:
    """[n] how far each fragment is behind the best of its file, 0 for the best."""
    pool = evidence.pool
    own = pool.scores[FUSED] + evidence.defines * (DEFINES + CLASS * evidence.classes)
    behind: Vector = BEHIND * (pool.most(own)[pool.file] - own)
    return behind


def _said(names: Sequence[str], added: Vector, base: float, score: float) -> Why:
    """The features that count most, and the rest in two sums: together the score."""
    places = sorted(range(len(names)), key=lambda i: (-abs(added[i]), i))[:_SAID]
    said: dict[str, float] = {names[i]: float(added[i]) for i in places if abs(added[i]) > 0}
    whole = base + float(added.sum())
    said[REST] = whole - sum(said.values())
    if score - whole < -1e-6:
        said[BESIDE] = score - whole
    return said
