"""The ranking of search: a weighted sum of named signals, so that every score can be explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ..query import Query
from ..result import Candidate
from .signals import SIGNALS, FileEvidence

WEIGHTS: Mapping[str, float] = {
    "fused": 1.0,
    "defines": 0.8,
    "mentions": 0.3,
    "is_type": 0.35,
    "stem_covered": 0.4,
    "file_words": 0.2,
    "file_hits": 0.4,
    "file_rest": 0.2,
    "test": -0.6,
    "example": -0.2,
    "stub": -0.1,
    "legacy": -0.1,
    "prose": -0.3,
}
"""Found by coordinate ascent on annotated questions, cross-validated by repository (docs/benchmarks.md)."""


def rank(query: Query, candidates: Sequence[Candidate], file_scores: Mapping[str, float]) -> None:
    """Set each candidate's signals and score. `file_scores` are whole-file BM25 scores by path."""
    evidence = gather(candidates, file_scores)
    for candidate in candidates:
        file = evidence[candidate.path]
        candidate.signals = {
            name: value * WEIGHTS[name]
            for name, signal in SIGNALS.items()
            if (value := signal(query, candidate, file))
        }
        candidate.score = sum(candidate.signals.values())


def gather(candidates: Sequence[Candidate], file_scores: Mapping[str, float]) -> dict[str, FileEvidence]:
    """What the candidates of each file say together."""
    by_file: dict[str, list[float]] = defaultdict(list)
    for candidate in candidates:
        by_file[candidate.path].append(candidate.fused)
    top = max(file_scores.values(), default=0.0) or 1.0
    evidence = {}
    for path, scores in by_file.items():
        scores.sort(reverse=True)
        evidence[path] = FileEvidence(
            len(scores), scores[0], sum(scores[1:4]), file_scores.get(path, 0.0) / top
        )
    return evidence
