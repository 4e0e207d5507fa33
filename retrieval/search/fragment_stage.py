"""The first learned stage of search: scores fragments. The second stage scores files."""

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
    best = sorted(candidate_set.candidates, key=_sort_key)[:MAX_READ]
    texts = {id: text[:_MAX_CHARACTERS] for id, text in candidate_set.texts([c.id for c in best]).items()}
    return FragmentEvidence(query, best, texts, candidate_set.lexicons.current())


def score(model: TreeEnsemble, query: Query, candidate_set: CandidateSet) -> None:
    """Set the score LEARNED of every candidate.

    Candidates whose code is not read get lower scores than the others, in the order of their fused scores.
    """
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
