"""The learned reranker of search, in two stages: fragments, then files.

The first stage scores fragments. The second stage scores files by features, some of which are made of the
scores of the first stage. A search that shows one answer per file (the default) orders files by the second
stage. A search that shows several answers per file orders fragments by both stages.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from ..query import Query
from ..ranking.reranker import CandidateSet, Ranking, Why
from ..ranking.scaling import Vector
from ..ranking.stages import Stage, scores_below
from ..ranking.tree_ensemble import TreeEnsemble
from ..result import Candidate
from . import file_features, fragment_features
from .evidence import LEARNED, FileEvidence
from .fragment_evidence import FragmentEvidence

_MAX_CHARACTERS = 1_500
"""Maximum characters of a fragment's text that are read."""
_FUSED_SLOPE = 10.0
"""If the code of two candidates is not read, their scores differ by this times the difference of their fused
scores."""

DEFINITION_BONUS, CLASS_BONUS = 8.0, 3.5
"""Bonuses for the first-stage score of a definition that the query names. DEFINITION_BONUS is added if the
whole query is a name. CLASS_BONUS is added if the definition is a class: if a class and a function have the
same name, users usually mean the class, but the training data do not show that."""
BEHIND_WEIGHT = 1.0
"""Weight of the gap in first-stage score between a fragment and the best fragment of its file."""
BEST_WEIGHT = 0.1
"""Weight of a file's best first-stage score in the file's score. This term is a safeguard for candidate sets
that are unlike the training data, such as sets with only one or two files."""
FAR_WEIGHT, FAR_MARGIN = 0.7, 7.0
"""If a file's best first-stage score is more than FAR_MARGIN below that of the best file, the excess times
FAR_WEIGHT is subtracted from the file's score, so that many poor fragments do not outweigh a good one."""
QUALIFIED_NAME_BONUS = 10.0
"""Added to the score of a file that contains the definition whose qualified name is the whole query."""
FILE_WEIGHT = 0.3
"""Weight of the file's score in a fragment's score, if a search shows several answers per file."""

_MAX_EXPLAINED = 8
"""Maximum number of features that an explanation names. It gives one sum for all other features."""
FILE_BEST, BEHIND_FILE_BEST = "the file's best fragment", "behind the file's best"
FRAGMENT, FILE = "fragment", "file"
"""The terms of a score if a search shows several answers per file."""

FRAGMENT_STAGE = Stage("search-first", fragment_features.FEATURES)
FILE_STAGE = Stage("search", file_features.FEATURES)


@functools.cache
def bundled() -> LearnedReranker:
    """The reranker with the bundled weights. Raises ModelError if the weights are damaged."""
    return LearnedReranker(FRAGMENT_STAGE.model, FILE_STAGE.model)


class LearnedReranker:
    """A reranker with two models: one over features of fragments, one over features of files."""

    def __init__(self, fragment_model: TreeEnsemble, file_model: TreeEnsemble) -> None:
        self._fragment_model, self._file_model = fragment_model, file_model

    def rank(self, query: Query, candidate_set: CandidateSet) -> Ranking:
        if not candidate_set.candidates:
            return Ranking([], lambda chosen: [])
        score_fragments(self._fragment_model, query, candidate_set)
        evidence = FileEvidence(query, candidate_set.candidates, candidate_set.file_scores)
        rows = FILE_STAGE.matrix(evidence)
        own = _own_scores(evidence)
        best = evidence.max_by_file(own)
        bonus = BEST_WEIGHT * best - FAR_WEIGHT * np.maximum(best.max() - best - FAR_MARGIN, 0.0)
        bonus += QUALIFIED_NAME_BONUS * evidence.max_by_file(_has_qualified_name(evidence))
        scores = (self._file_model.predict(rows) + bonus)[evidence.file]
        if candidate_set.per_file > 1:
            return _of_fragments(evidence, own, FILE_WEIGHT * scores)
        behind = BEHIND_WEIGHT * (best[evidence.file] - own)
        ordered = _ordered(evidence, scores - behind)
        number = {c.id: n for n, c in enumerate(evidence.fragments)}

        def explain(chosen: Sequence[Candidate]) -> list[Why]:
            numbers = [number[c.id] for c in chosen]
            files = evidence.file[numbers]
            terms = self._file_model.explain(rows[files], _MAX_EXPLAINED)
            return [
                why | {FILE_BEST: best} | ({BEHIND_FILE_BEST: -gap} if gap > 1e-6 else {})
                for why, best, gap in zip(terms, bonus[files].tolist(), behind[numbers].tolist(), strict=True)
            ]

        return Ranking(ordered, explain)


def read_fragments(query: Query, candidate_set: CandidateSet) -> FragmentEvidence:
    """Read the code of the candidates with the best fused scores, and return evidence on them.

    The set must contain at least one candidate.
    """
    best = candidate_set.read
    texts = {id: text[:_MAX_CHARACTERS] for id, text in candidate_set.texts([c.id for c in best]).items()}
    return FragmentEvidence(query, best, texts, candidate_set.lexicons.current())


def score_fragments(model: TreeEnsemble, query: Query, candidate_set: CandidateSet) -> None:
    """Set the score LEARNED of every candidate.

    Candidates whose code is not read get lower scores than the others, in the order of their fused scores.
    """
    evidence = read_fragments(query, candidate_set)
    scores = model.predict(FRAGMENT_STAGE.matrix(evidence)).tolist()
    last = min(c.fused for c in evidence.fragments)
    fused = np.array([c.fused for c in candidate_set.candidates])
    below = scores_below(min(scores), fused, last, slope=_FUSED_SLOPE).tolist()
    read = dict(zip((c.id for c in evidence.fragments), scores, strict=True))
    for candidate, score_below in zip(candidate_set.candidates, below, strict=True):
        candidate.scores[LEARNED] = read.get(candidate.id, score_below)


def _of_fragments(evidence: FileEvidence, own: Vector, of_file: Vector) -> Ranking:
    """The fragments in the order of the sum of their own scores and the scores of their files [n]."""
    ordered = _ordered(evidence, own + of_file)
    terms = zip(evidence.fragments, own.tolist(), of_file.tolist(), strict=True)
    made = {candidate.id: {FRAGMENT: one, FILE: other} for candidate, one, other in terms}
    return Ranking(ordered, lambda chosen: [made[candidate.id] for candidate in chosen])


def _ordered(evidence: FileEvidence, scores: Vector) -> list[Candidate]:
    for candidate, score in zip(evidence.fragments, scores.tolist(), strict=True):
        candidate.score = score
    return sorted(evidence.fragments, key=lambda c: c.sort_key)


def _own_scores(evidence: FileEvidence) -> Vector:
    """The first-stage score of each fragment, with the bonuses if the query names the definition [n]."""
    named = DEFINITION_BONUS * evidence.query.symbol + CLASS_BONUS * evidence.classes
    return evidence.scores[LEARNED] + evidence.defines * named


def _has_qualified_name(evidence: FileEvidence) -> Vector:
    """1 for each definition whose qualified name is the whole query, 0 for other fragments [n]."""
    names = {name for name in evidence.query.names if "." in name and evidence.query.symbol}
    fragments = evidence.fragments
    if not names:
        return np.zeros(len(fragments))
    symbols = [candidate.symbol.lower() for candidate in fragments]
    called = np.array([".".join(symbol.split(".")[-2:]) in names for symbol in symbols], np.float64)
    return called * evidence.defining
