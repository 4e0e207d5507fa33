"""Finds code in the index for a query, and ranks this code.

parse_query -> candidates (legs in one batch) -> fuse -> rerank -> best of each file -> hits
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.fragment import language_of
from indexer.store import DENSE, Store

from . import candidates, filtering
from .candidates import LEXICAL
from .config import DEFAULT_PROFILE
from .query import Filters, Query, parse_query
from .ranking import reranker
from .ranking.reranker import CandidateSet, Ranking, Reranker, Why
from .result import Candidate, Hit
from .search import exact_matches

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder, Vectors

    from .search.lexicon import Lexicons

PROFILE_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "bm25": {LEXICAL: 1.0},
    "dense": {DENSE: 1.0},
    "hybrid": {LEXICAL: 0.4, DENSE: 0.6},
    "rerank": {LEXICAL: 0.4, DENSE: 0.6},
}
"""The weight of each leg in the fused score, by profile. The weights were tuned on mined docstrings and their
functions. In the profile `rerank`, the reranker then orders the fused candidates.
"""

_EXACT_STEPS: Mapping[str, float] = {"hybrid": 4.0, "rerank": 100.0}
"""What a tier of exact matches adds to a score, by profile: more than other scores differ."""
_DEPTH = 100
"""Minimum number of candidates that are requested per leg."""
_PHRASE_DEPTH = 1_000
"""Minimum number of candidates that are requested per leg if the query has phrases. Most candidates do not
contain the phrases and are dropped."""
_TEXT = ("text",)


class Searcher:
    """Searches one repository in a store. Keeps no state between queries except caches.

    `repo` names the repository in a store that holds several repositories; "" searches the whole store. The
    profile `rerank` uses `reranker`, or the learned reranker if `reranker` is None.
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
        """The best fragments for a query, at most `per_file` of each file."""
        return self.answer(parse_query(text, filters), limit=limit, per_file=per_file, profile=profile)

    def answer(
        self, query: Query, *, limit: int = 10, per_file: int = 1, profile: str = DEFAULT_PROFILE
    ) -> list[Hit]:
        """The best fragments for a query that is already parsed, at most `per_file` of each file.

        Raises UsageError for an unknown profile, or if `limit` or `per_file` is less than 1.
        """
        if profile not in PROFILE_WEIGHTS:
            raise UsageError(f"unknown profile {profile!r}; one of: {', '.join(PROFILE_WEIGHTS)}")
        if limit < 1 or per_file < 1:
            raise UsageError(f"limit and per_file must be at least 1, not {min(limit, per_file)}")
        ranking = self._ranking(query, profile, max(_DEPTH, 5 * limit), per_file)
        chosen = reranker.limit_per_file(ranking.candidates, limit, per_file)
        texts = self._texts([c.id for c in chosen])
        why = ranking.explain(chosen)
        return [_hit(c, texts.get(c.id, ""), reason) for c, reason in zip(chosen, why, strict=True)]

    def rank(self, query: Query, profile: str, depth: int) -> Sequence[Candidate]:
        """All candidates, best first."""
        return self._ranking(query, profile, depth, 1).candidates

    def candidate_set(
        self, query: Query, profile: str = DEFAULT_PROFILE, depth: int = _DEPTH, per_file: int = 1
    ) -> CandidateSet:
        """The candidates with fused scores, and the data that a reranker needs to order these candidates."""
        vector = self._query_vector(query)
        where = filtering.conditions(
            query.filters, lambda: filtering.paths_in_folder(self._store, self._repo, query.filters)
        )
        if where is None:
            return CandidateSet([], {}, per_file, self._texts, self._lexicons)
        depth = max(depth, _PHRASE_DEPTH) if query.phrases else depth
        gathered = candidates.gather(self._store, self._repo, query, vector, where, depth)
        weights = PROFILE_WEIGHTS[profile]
        answering = [c for c in gathered.candidates if any(leg in c.scores for leg in weights)]
        matching = self._containing_phrases(answering, query.phrases)
        candidates.fuse(matching, weights)
        literal = [c for c in matching if c.id in gathered.literal]
        texts = _Texts(self._texts)
        return CandidateSet(matching, gathered.files, per_file, texts, self._lexicons, literal)

    @cached_property
    def _lexicons(self) -> Lexicons:
        """Lexicons of the encoder, or of the bundled encoder if `_encoder` is too slow for single words."""
        from indexer.encoding import load

        from .search.lexicon import Lexicons

        return Lexicons(self._encoder if self._encoder.parallel else load())

    def _ranking(self, query: Query, profile: str, depth: int, per_file: int) -> Ranking:
        candidate_set = self.candidate_set(query, profile, depth, per_file)
        ranking = self._reranker_of(profile).rank(query, candidate_set)
        step = _EXACT_STEPS.get(profile, 0.0)
        return (
            exact_matches.promoted(ranking, exact_matches.tiers(query, candidate_set), step)
            if step
            else ranking
        )

    def _reranker_of(self, profile: str) -> Reranker:
        if profile != "rerank":
            return reranker.FusedOrder()
        if self._reranker is None:
            from .search import ranker

            self._reranker = ranker.bundled()
        return self._reranker

    def _texts(self, ids: Sequence[str]) -> dict[str, str]:
        return {r.id: str(r.payload["text"]) for r in self._store.fetch(ids, _TEXT)}

    def _query_vector(self, query: Query) -> Vectors:
        if query.title:
            vector: Vectors = self._encoder.documents([query.text], [query.title])[0]
            return vector
        return self._encoder.query(query.text)

    def _containing_phrases(
        self, matching: Sequence[Candidate], phrases: Sequence[str]
    ) -> Sequence[Candidate]:
        """The candidates whose text contains every phrase literally."""
        if not phrases:
            return matching
        texts = self._texts([c.id for c in matching])
        return [c for c in matching if all(phrase in texts.get(c.id, "") for phrase in phrases)]


class _Texts:
    """The texts of one query's candidates, each read once."""

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, str]]) -> None:
        self._read = read
        self._known: dict[str, str] = {}

    def __call__(self, ids: Sequence[str]) -> Mapping[str, str]:
        if missing := [one for one in ids if one not in self._known]:
            self._known.update(self._read(missing))
        return {one: self._known[one] for one in ids if one in self._known}


def _hit(candidate: Candidate, text: str, why: Why) -> Hit:
    payload = candidate.payload
    return Hit(
        path=candidate.path,
        start_line=payload["start_line"],
        end_line=payload["end_line"],
        symbol=candidate.symbol,
        kind=payload["kind"],
        language=language_of(payload),
        score=candidate.score,
        text=text,
        why={**{f"{leg} score": score for leg, score in candidate.scores.items()}, **why},
    )
