"""Main path 2: from a question to ranked code.

understand -> candidates (legs in one batch) -> fuse -> rerank -> best of each file -> hits
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.fragment import language_of
from indexer.store import DENSE, Store

from . import candidates, globs, narrowing
from .candidates import LEXICAL, Vector
from .query import Filters, Query, understand
from .ranking import fusion, reranker
from .ranking.reranker import Found, Ranking, Reranker, Why
from .result import Candidate, Hit

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

    from .search.lexicon import Lexicons

PROFILES: Mapping[str, Mapping[str, float]] = {
    "bm25": {LEXICAL: 1.0},
    "dense": {DENSE: 1.0},
    "hybrid": {LEXICAL: 0.4, DENSE: 0.6},
    "rerank": {LEXICAL: 0.4, DENSE: 0.6},
}
"""How much each leg weighs, found on mined docstrings and their functions.

`rerank`, the default, then asks the reranker.
"""

DEFAULT_PROFILE = "rerank"
_DEPTH = 100
_PHRASE_DEPTH = 1_000
_TEXT = ("text",)


class Searcher:
    """Answers questions about one repository from its store; keeps no state between questions.

    `repo` names the repository in a store that holds several; "" takes all there is. `reranker` is for the
    profile of that name, by default the learned one.
    """

    def __init__(self, store: Store, encoder: Encoder, repo: str, reranker: Reranker | None = None) -> None:
        self._store, self._encoder, self._repo = store, encoder, repo
        self._reranker = reranker

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
        ranking = self._ranking(query, profile, max(_DEPTH, 5 * limit), per_file)
        chosen = reranker.spread(ranking.candidates, limit, per_file)
        texts = self._texts([c.id for c in chosen])
        why = ranking.explain(chosen)
        return [_hit(c, texts.get(c.id, ""), reason) for c, reason in zip(chosen, why, strict=True)]

    def rank(self, query: Query, profile: str, depth: int) -> Sequence[Candidate]:
        """All candidates, best first."""
        return self._ranking(query, profile, depth, 1).candidates

    def found(
        self, query: Query, profile: str = DEFAULT_PROFILE, depth: int = _DEPTH, per_file: int = 1
    ) -> Found:
        """What may answer, with all that a reranker needs to order it."""
        vector = self._vector(query)
        where = globs.conditions(
            query.filters, lambda: narrowing.paths(self._store, self._repo, query.filters)
        )
        if where is None:
            return Found([], {}, per_file, self._texts, self._lexicons)
        depth = max(depth, _PHRASE_DEPTH) if query.phrases else depth
        gathered = candidates.gather(self._store, self._repo, query, vector, where, depth)
        weights = PROFILES[profile]
        answering = [c for c in gathered.candidates if any(leg in c.scores for leg in weights)]
        pool = self._with_phrases(answering, query.phrases)
        fusion.fuse(pool, weights)
        return Found(pool, gathered.files, per_file, self._texts, self._lexicons)

    @cached_property
    def _lexicons(self) -> Lexicons:
        """Of this encoder; of the bundled one where it takes a model's time for each word."""
        from indexer.encoding import load

        from .search.lexicon import Lexicons

        return Lexicons(self._encoder if self._encoder.parallel else load())

    def _ranking(self, query: Query, profile: str, depth: int, per_file: int) -> Ranking:
        found = self.found(query, profile, depth, per_file)
        return self._order(profile).rank(query, found)

    def _order(self, profile: str) -> Reranker:
        if profile != "rerank":
            return reranker.Fused()
        if self._reranker is None:
            from .search import ranker

            self._reranker = ranker.bundled()
        return self._reranker

    def _texts(self, ids: Sequence[str]) -> dict[str, str]:
        return {r.id: str(r.payload["text"]) for r in self._store.fetch(ids, _TEXT)}

    def _vector(self, query: Query) -> Vector:
        if query.title:
            vector: Vector = self._encoder.documents([query.text], [query.title])[0]
            return vector
        return self._encoder.query(query.text)

    def _with_phrases(self, pool: Sequence[Candidate], phrases: Sequence[str]) -> Sequence[Candidate]:
        """Those whose text has every phrase literally."""
        if not phrases:
            return pool
        texts = self._texts([c.id for c in pool])
        return [c for c in pool if all(phrase in texts.get(c.id, "") for phrase in phrases)]


def _hit(candidate: Candidate, text: str, why: Why) -> Hit:
    payload = candidate.payload
    return Hit(
        path=candidate.path,
        start_line=int(payload["start_line"]),
        end_line=int(payload["end_line"]),
        symbol=candidate.symbol,
        kind=str(payload["kind"]),
        language=language_of(payload),
        score=candidate.score,
        text=text,
        why={**{f"{leg} score": score for leg, score in candidate.scores.items()}, **why},
    )
