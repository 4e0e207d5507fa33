"""The first learned stage of search: how well each fragment fits by itself, whatever file it is in."""

from __future__ import annotations

from ..query import Query
from ..ranking.reranker import Found
from ..ranking.tree_ensemble import Trees
from ..result import Candidate
from .evidence import LEARNED
from .fragments import matrix
from .fragments.evidence import Fragments

READ = 64
"""So many candidates are read, the best by the fused score; more cost time and change nothing."""
_CHARACTERS = 1_500
"""Of a fragment's text at most."""
_STEEP = 10.0
"""By how much of the model's scale those that are not read differ for each point of the fused score."""


def read(query: Query, found: Found) -> Fragments:
    """The best candidates (at least one) with their code."""
    best = sorted(found.candidates, key=_place)[:READ]
    texts = {id: text[:_CHARACTERS] for id, text in found.texts([c.id for c in best]).items()}
    return Fragments(query, best, texts, found.lexicons.current())


def score(model: Trees, query: Query, found: Found) -> None:
    """Give every candidate a score under LEARNED; those that were not read come last, as they were."""
    fragments = read(query, found)
    scores = model.predict(matrix(fragments)).tolist()
    for candidate, one in zip(fragments.candidates, scores, strict=True):
        candidate.scores[LEARNED] = one
    there = {c.id for c in fragments.candidates}
    last, least = min(c.fused for c in fragments.candidates), min(scores)
    for candidate in found.candidates:
        if candidate.id not in there:
            candidate.scores[LEARNED] = least - _STEEP * (last - candidate.fused)


def _place(candidate: Candidate) -> tuple[float, str, int]:
    return -round(candidate.fused, 6), candidate.path, int(candidate.payload["start_line"])
