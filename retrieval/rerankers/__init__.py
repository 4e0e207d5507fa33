"""Creates the configured reranker: none, the learned reranker, a cross-encoder, or a language model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from indexer.errors import ConfigError

from ..ranking.reranker import FusedOrder

if TYPE_CHECKING:
    from ..config import SearchConfig
    from ..ranking.reranker import Reranker


def build(config: SearchConfig, say: Callable[[str], None]) -> Reranker:
    """The configured reranker. It reports remarks by calling `say`.

    Raises ConfigError if a setting is missing or invalid. Raises ModelError or Unsupported if the model
    cannot run.
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
        from .cross import CrossEncoder

        return CrossEncoder.load(learned, config)
    from .llm import LanguageModelReranker

    return LanguageModelReranker.load(learned, config, say)
