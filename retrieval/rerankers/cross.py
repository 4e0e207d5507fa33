"""Reranking by a cross-encoder, a model that scores a query and a fragment together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ..query import Query
from ..ranking.reranker import CandidateSet, Ranking, Reranker, limit_per_file, with_reordered_head

if TYPE_CHECKING:
    from ..config import SearchConfig

NAME = "cross-encoder"


class PairScorer(Protocol):
    """Scores pairs of texts."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """One score per text; higher is better."""


class CrossEncoder:
    """Reorders the best `depth` candidates of another reranker by the scores of a model."""

    def __init__(self, first_stage: Reranker, model: PairScorer, depth: int) -> None:
        self._first_stage, self._model, self._depth = first_stage, model, depth

    @classmethod
    def load(cls, first_stage: Reranker, config: SearchConfig) -> CrossEncoder:
        """Load the configured model.

        Raises ModelError if the model cannot be loaded. Raises Unsupported if fastembed is not installed.
        """
        from indexer.encoding.fastembed import FastembedCrossEncoder

        model = FastembedCrossEncoder(config.rerank_model, download=config.rerank_download)
        return cls(first_stage, model, config.rerank_depth)

    def rank(self, query: Query, candidate_set: CandidateSet) -> Ranking:
        first_stage = self._first_stage.rank(query, candidate_set)
        head = limit_per_file(first_stage.candidates, self._depth, candidate_set.per_file)
        texts = candidate_set.texts([c.id for c in head])
        scores = self._model.scores(query.text, [f"{c.path} {c.symbol}\n{texts.get(c.id, '')}" for c in head])
        # The sort is stable: candidates with equal scores keep their order.
        order = sorted(range(len(head)), key=lambda i: -round(scores[i], 6))
        return with_reordered_head(first_stage, [head[i] for i in order], NAME)
