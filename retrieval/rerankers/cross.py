"""A cross-encoder: a model that reads the question and a fragment together and gives one score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ..query import Query
from ..ranking.reranker import Found, Ranking, Reranker, reordered, spread

if TYPE_CHECKING:
    from ..config import SearchConfig

NAME = "cross-encoder"


class Pairs(Protocol):
    """What scores pairs of texts."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """One score a text, higher is better."""


class CrossEncoder:
    """Reorders the best `depth` answers of another ranking by what a model makes of their code."""

    def __init__(self, first: Reranker, model: Pairs, depth: int) -> None:
        self._first, self._model, self._depth = first, model, depth

    @classmethod
    def load(cls, first: Reranker, config: SearchConfig) -> CrossEncoder:
        """Raises ModelError for a model that cannot be loaded, Unsupported without fastembed."""
        from indexer.encoding.fastembed import FastembedCrossEncoder

        model = FastembedCrossEncoder(config.rerank_model, download=config.rerank_download)
        return cls(first, model, config.rerank_depth)

    def rank(self, query: Query, found: Found) -> Ranking:
        first = self._first.rank(query, found)
        head = spread(first.candidates, self._depth, found.per_file)
        texts = found.texts([c.id for c in head])
        scores = self._model.scores(query.text, [f"{c.path} {c.symbol}\n{texts.get(c.id, '')}" for c in head])
        # The sort is stable: what the model finds equal stays as it was.
        order = sorted(range(len(head)), key=lambda i: -round(scores[i], 6))
        return reordered(first, [head[i] for i in order], NAME)
