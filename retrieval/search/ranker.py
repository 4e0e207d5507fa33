"""The learned ranking of search: fragments by themselves, then files by all that is in them.

The first stage scores fragments (`first`), the second one files, with those scores among its features. Of a
file one answer is shown by default, so that files are what is put in order; where more are wanted, fragments.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..query import Query
from ..ranking import tree_ensemble
from ..ranking.reranker import Found, Ranking, Why
from ..ranking.tree_ensemble import Trees
from ..result import Candidate
from . import features, first, fragments
from .evidence import LEARNED, Evidence, Pool, Vector

FIRST, FILES = "search-first", "search"
"""The models' folders."""
WEIGHTS = Path(__file__).parent.parent / "weights"

DEFINES, CLASS = 8.0, 3.5
"""How much it counts, beside the first stage's score, that a fragment is the definition that the question
names, where that is all there is in the question; and that this is a class: usually meant when a function of
the file has the same name, and nothing that the first stage has learned from."""
BEHIND = 1.0
"""By how much of its score a fragment falls behind its file's best for each point of the first stage's."""
SURE = 0.1
"""How much a file's best first-stage score counts beside what was learned about files: in pools unlike those
learned from, of two files or of ten thousand pieces of one, it keeps what fits in front of what does not."""
FAR, MARGIN = 0.7, 7.0
"""A file whose best is behind the best of all by more than the margin loses so much of the rest: no number of
pieces that do not fit makes up for one that does."""
IN_FULL = 10.0
"""A file that has the very definition whose qualified name is asked for comes first."""
WITHIN = 0.3
"""How much its file's score counts for a fragment where several of a file are wanted."""

_SAID = 8
"""Features that an explanation names; the others are summed."""
REST, BEST, BESIDE = "other features", "the file's best fragment", "behind the file's best"
FRAGMENT, FILE = "fragment", "file"
"""What a score is made of where several fragments of a file are wanted."""


@functools.cache
def bundled() -> Learned:
    """The ranker of the package. Raises ModelError where it is damaged."""
    return Learned(load_first(), tree_ensemble.load(WEIGHTS / FILES, list(features.FEATURES)))


def load_first() -> Trees:
    """The package's first stage. Raises ModelError where it is damaged."""
    return tree_ensemble.load(WEIGHTS / FIRST, list(fragments.FEATURES))


class Learned:
    """A reranker with two models: over a fragment's features, and over a file's."""

    def __init__(self, first_stage: Trees, files: Trees) -> None:
        self._first, self._files = first_stage, files

    def rank(self, query: Query, found: Found) -> Ranking:
        if not found.candidates:
            return Ranking([], lambda chosen: [])
        first.score(self._first, query, found)
        evidence = Evidence(Pool.of(query, found.candidates, found.whole))
        rows = features.matrix(evidence)
        best = evidence.pool.most(_own(evidence))
        sure = SURE * best - FAR * np.maximum(best.max() - best - MARGIN, 0.0)
        sure += IN_FULL * evidence.pool.most(_in_full(evidence))
        scores = (self._files.predict(rows) + sure)[evidence.pool.file]
        if found.per_file > 1:
            return _of_fragments(evidence, scores)
        return self._of_files(evidence, rows, sure, scores)

    def _of_files(
        self, evidence: Evidence, rows: NDArray[np.float32], sure: Vector, scores: Vector
    ) -> Ranking:
        pool = evidence.pool
        ordered = _ordered(pool, scores - _behind(evidence))
        file = dict(zip((c.id for c in pool.fragments), pool.file.tolist(), strict=True))

        def explain(chosen: Sequence[Candidate]) -> list[Why]:
            files = [file[c.id] for c in chosen]
            base, added = self._files.contributions(rows[files])
            return [
                _said(self._files.names, row, base, float(best), c.score)
                for row, best, c in zip(added, sure[files], chosen, strict=True)
            ]

        return Ranking(ordered, explain)


def _of_fragments(evidence: Evidence, scores: Vector) -> Ranking:
    own, of_file = _own(evidence), WITHIN * scores
    ordered = _ordered(evidence.pool, own + of_file)
    made = {
        candidate.id: {FRAGMENT: one, FILE: other}
        for candidate, one, other in zip(evidence.pool.fragments, own.tolist(), of_file.tolist(), strict=True)
    }
    return Ranking(ordered, lambda chosen: [made[candidate.id] for candidate in chosen])


def _ordered(pool: Pool, scores: Vector) -> list[Candidate]:
    for candidate, score in zip(pool.fragments, scores.tolist(), strict=True):
        candidate.score = score
    return sorted(pool.fragments, key=lambda c: c.order)


def _own(evidence: Evidence) -> Vector:
    """[n] how well each fragment fits by itself."""
    named = DEFINES * evidence.query.symbol + CLASS * evidence.classes
    own: Vector = evidence.pool.scores[LEARNED] + evidence.defines * named
    return own


def _in_full(evidence: Evidence) -> Vector:
    """[n] 1 for the definition that a question names by its qualified name, and with nothing else."""
    names = {name for name in evidence.query.names if "." in name and evidence.query.symbol}
    fragments = evidence.pool.fragments
    if not names:
        return np.zeros(len(fragments))
    symbols = [candidate.symbol.lower() for candidate in fragments]
    called = np.array([".".join(symbol.split(".")[-2:]) in names for symbol in symbols], np.float64)
    full: Vector = called * evidence.defining
    return full


def _behind(evidence: Evidence) -> Vector:
    """[n] how far each fragment is behind the best of its file, 0 for the best."""
    own = _own(evidence)
    behind: Vector = BEHIND * (evidence.pool.most(own)[evidence.pool.file] - own)
    return behind


def _said(names: Sequence[str], added: Vector, base: float, best: float, score: float) -> Why:
    """The features that count most, and the rest in a few sums: together the score."""
    places = sorted(range(len(names)), key=lambda i: (-abs(added[i]), i))[:_SAID]
    said: dict[str, float] = {names[i]: float(added[i]) for i in places if abs(added[i]) > 0}
    whole = base + float(added.sum())
    said[REST] = whole - sum(said.values())
    said[BEST] = best
    if score - whole - best < -1e-6:
        said[BESIDE] = score - whole - best
    return said
