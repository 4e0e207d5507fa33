"""The configured reranker: none, the learned reranker, a cross-encoder, or a language model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from indexer.errors import ConfigError

from ..query import Query
from ..ranking.reranker import (
    CandidateSet,
    FusedOrder,
    Ranking,
    Reranker,
    limit_per_file,
    with_reordered_head,
)

if TYPE_CHECKING:
    from ..config import SearchConfig


def build(config: SearchConfig, say: Callable[[str], None]) -> Reranker:
    """The configured reranker. It reports remarks by calling `say`.

    Raises ConfigError if a setting is missing or invalid. Raises ModelError if the model cannot be loaded,
    and Unsupported if fastembed is needed and not installed.
    """
    if config.reranker == "none":
        return FusedOrder()
    from ..search import ranker

    learned = ranker.bundled()
    if config.reranker == "learned":
        return learned
    if not config.rerank_model:
        raise ConfigError(
            f"search.reranker = {config.reranker!r} needs a model; set [rerank] model in your configuration"
        )
    if config.reranker == "cross-encoder":
        from indexer.encoding.fastembed import FastembedCrossEncoder

        model = FastembedCrossEncoder(config.rerank_model, download=config.rerank_download)
        return CrossEncoder(learned, model, config.rerank_depth)
    from .llm import LanguageModelReranker

    return LanguageModelReranker(learned, config, say)


class PairScorer(Protocol):
    """Scores pairs of texts."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """One score per text; higher is better."""


class CrossEncoder:
    """Reorders the best `depth` candidates of another reranker by a model's scores of question and code."""

    def __init__(self, first_stage: Reranker, model: PairScorer, depth: int) -> None:
        self._first_stage, self._model, self._depth = first_stage, model, depth

    def rank(self, query: Query, candidate_set: CandidateSet) -> Ranking:
        first_stage = self._first_stage.rank(query, candidate_set)
        head = limit_per_file(first_stage.candidates, self._depth, candidate_set.per_file)
        texts = candidate_set.texts([c.id for c in head])
        scores = self._model.scores(query.text, [f"{c.path} {c.symbol}\n{texts.get(c.id, '')}" for c in head])
        # The sort is stable: candidates with equal scores keep their order.
        order = sorted(range(len(head)), key=lambda i: -round(scores[i], 6))
        return with_reordered_head(first_stage, [head[i] for i in order], "cross-encoder")
