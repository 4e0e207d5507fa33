"""Main path 2: from a question to ranked code.

understand -> candidates (legs in one batch) -> fuse -> rank -> best of each file -> hits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.store import DENSE, Store

from . import candidates, fusion, globs
from .candidates import LEXICAL, Vector
from .query import Filters, Query, understand
from .result import Candidate, Hit
from .search import ranker

if TYPE_CHECKING:
    from indexer.embedding import Encoder

PROFILES: Mapping[str, Mapping[str, float]] = {
    "bm25": {LEXICAL: 1.0},
    "dense": {DENSE: 1.0},
    "hybrid": {LEXICAL: 0.5, DENSE: 0.5},
    "rerank": {LEXICAL: 0.5, DENSE: 0.5},
}
"""How much each leg weighs. `rerank`, the default, also ranks by the signals."""

DEFAULT_PROFILE = "rerank"
_DEPTH = 100
_PHRASE_DEPTH = 1_000
_TEXT = ("text",)


class Searcher:
    """Answers questions about one repository from its store; keeps no state between questions.

    `repo` names the repository in a store that holds several; "" takes all there is.
    """

    def __init__(self, store: Store, encoder: Encoder, repo: str) -> None:
        self._store, self._encoder, self._repo = store, encoder, repo

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        per_file: int = 1,
        profile: str = DEFAULT_PROFILE,
        filters: Filters | None = None,
    ) -> list[Hit]:
        """The best fragments for a question in words or a symbol, at most `per_file` of each file."""
        return self.answer(understand(text, filters), limit=limit, per_file=per_file, profile=profile)

    def answer(
        self, query: Query, *, limit: int = 10, per_file: int = 1, profile: str = DEFAULT_PROFILE
    ) -> list[Hit]:
        """The same for a question that was understood before.

        Raises UsageError for an unknown profile, and for fewer answers than one.
        """
        if profile not in PROFILES:
            raise UsageError(f"unknown profile {profile!r}; one of: {', '.join(PROFILES)}")
        if limit < 1 or per_file < 1:
            raise UsageError(f"limit and per_file are at least 1, not {min(limit, per_file)}")
        ranked = self.rank(query, profile, max(_DEPTH, 5 * limit))
        chosen = _spread(ranked, limit, per_file)
        texts = {r.id: str(r.payload["text"]) for r in self._store.fetch([c.id for c in chosen], _TEXT)}
        return [_hit(c, texts.get(c.id, ""), profile) for c in chosen]

    def rank(self, query: Query, profile: str, depth: int) -> list[Candidate]:
        """All candidates, best first."""
        vector = self._vector(query)
        where = globs.conditions(query.filters, self._paths)
        if where is None:
            return []
        depth = max(depth, _PHRASE_DEPTH) if query.phrases else depth
        found = candidates.gather(self._store, self._repo, query, vector, where, depth)
        weights = PROFILES[profile]
        answering = [c for c in found.candidates if any(leg in c.scores for leg in weights)]
        pool = self._with_phrases(answering, query.phrases)
        fusion.fuse(pool, weights)
        if profile == "rerank":
            ranker.rank(query, pool, found.files)
        else:
            for candidate in pool:
                candidate.score = candidate.fused
        return sorted(pool, key=lambda c: c.order)

    def _vector(self, query: Query) -> Vector:
        if query.title:
            vector: Vector = self._encoder.documents([query.text], [query.title])[0]
            return vector
        return self._encoder.query(query.text)

    def _paths(self) -> Iterable[str]:
        return self._store.facet("path", candidates.tenant(self._repo))

    def _with_phrases(self, pool: Sequence[Candidate], phrases: Sequence[str]) -> Sequence[Candidate]:
        """Those whose text has every phrase literally."""
        if not phrases:
            return pool
        texts = {r.id: str(r.payload["text"]) for r in self._store.fetch([c.id for c in pool], _TEXT)}
        return [c for c in pool if all(phrase in texts.get(c.id, "") for phrase in phrases)]


def _spread(ranked: Iterable[Candidate], limit: int, per_file: int) -> list[Candidate]:
    """The first `limit`, at most `per_file` of each file."""
    taken: Counter[str] = Counter()
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) >= limit:
            break
        if taken[candidate.path] < per_file:
            taken[candidate.path] += 1
            chosen.append(candidate)
    return chosen


def _hit(candidate: Candidate, text: str, profile: str) -> Hit:
    payload = candidate.payload
    why = {f"{leg} score": score for leg, score in candidate.scores.items()}
    why |= candidate.signals or {"fused": candidate.fused}
    return Hit(
        path=candidate.path,
        start_line=int(payload["start_line"]),
        end_line=int(payload["end_line"]),
        symbol=candidate.symbol,
        kind=str(payload["kind"]),
        language=str(payload["language"]),
        score=candidate.score,
        text=text,
        why=why,
    )
