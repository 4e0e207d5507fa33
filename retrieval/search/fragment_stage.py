"""The first learned stage of search: scores each fragment by itself, regardless of its file."""

from __future__ import annotations

from ..query import Query
from ..ranking.features import matrix
from ..ranking.reranker import CandidateSet
from ..ranking.tree_ensemble import TreeEnsemble
from ..result import Candidate
from .evidence import LEARNED
from .fragments import FEATURES
from .fragments.evidence import FragmentEvidence

MAX_READ = 64
"""Number of candidates, best fused score first, whose code is read. Reading more did not improve results."""
_MAX_CHARACTERS = 1_500
"""Maximum characters of a fragment's text."""
_FUSED_SLOPE = 10.0
"""Difference in score per unit of the fused score, for candidates whose code is not read."""


def read_fragments(query: Query, candidate_set: CandidateSet) -> FragmentEvidence:
    """The evidence on the best candidates, at least one, with their code."""
    best = sorted(candidate_set.candidates, key=_sort_key)[:MAX_READ]
    texts = {id: text[:_MAX_CHARACTERS] for id, text in candidate_set.texts([c.id for c in best]).items()}
    return FragmentEvidence(query, best, texts, candidate_set.lexicons.current())


def score(model: TreeEnsemble, query: Query, candidate_set: CandidateSet) -> None:
    """Set the score LEARNED of every candidate. Those whose code is not read come last, in fused order."""
    fragments = read_fragments(query, candidate_set)
    scores = model.predict(matrix(FEATURES, fragments)).tolist()
    for candidate, one in zip(fragments.candidates, scores, strict=True):
        candidate.scores[LEARNED] = one
    there = {c.id for c in fragments.candidates}
    last, least = min(c.fused for c in fragments.candidates), min(scores)
    for candidate in candidate_set.candidates:
        if candidate.id not in there:
            candidate.scores[LEARNED] = least - _FUSED_SLOPE * (last - candidate.fused)


def _sort_key(candidate: Candidate) -> tuple[float, str, int]:
    return -round(candidate.fused, 6), candidate.path, int(candidate.payload["start_line"])
