"""The first learned stage of search: scores fragments. The second stage scores files."""

from __future__ import annotations

import numpy as np

from ..query import Query
from ..ranking.reranker import CandidateSet
from ..ranking.stages import Stage, scores_below
from ..ranking.tree_ensemble import TreeEnsemble
from .evidence import LEARNED
from .fragments import FEATURES
from .fragments.evidence import FragmentEvidence

STAGE = Stage("search-first", FEATURES)

MAX_READ = 64
"""The code of this number of candidates is read, those with the best fused scores. Reading more code did not
improve results."""
_MAX_CHARACTERS = 1_500
"""Maximum characters of a fragment's text that are read."""
_FUSED_SLOPE = 10.0
"""If the code of two candidates is not read, their scores differ by this times the difference of their fused
scores."""


def read_fragments(query: Query, candidate_set: CandidateSet) -> FragmentEvidence:
    """Read the code of the candidates with the best fused scores, and return evidence on them.

    The set must contain at least one candidate.
    """
    best = sorted(candidate_set.candidates, key=lambda c: (-round(c.fused, 6), *c.place))[:MAX_READ]
    texts = {id: text[:_MAX_CHARACTERS] for id, text in candidate_set.texts([c.id for c in best]).items()}
    return FragmentEvidence(query, best, texts, candidate_set.lexicons.current())


def score(model: TreeEnsemble, query: Query, candidate_set: CandidateSet) -> None:
    """Set the score LEARNED of every candidate.

    Candidates whose code is not read get lower scores than the others, in the order of their fused scores.
    """
    evidence = read_fragments(query, candidate_set)
    scores = model.predict(STAGE.matrix(evidence)).tolist()
    last = min(c.fused for c in evidence.fragments)
    fused = np.array([c.fused for c in candidate_set.candidates])
    below = scores_below(min(scores), fused, last, slope=_FUSED_SLOPE).tolist()
    read = dict(zip((c.id for c in evidence.fragments), scores, strict=True))
    for candidate, score_below in zip(candidate_set.candidates, below, strict=True):
        candidate.scores[LEARNED] = read.get(candidate.id, score_below)
