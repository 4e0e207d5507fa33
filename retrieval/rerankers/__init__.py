"""The rerankers that settings name: learned trees, a cross-encoder, a language model behind an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from indexer.errors import ConfigError

from ..ranking.reranker import Fused

if TYPE_CHECKING:
    from ..config import SearchConfig
    from ..ranking.reranker import Reranker


def build(config: SearchConfig, say: Callable[[str], None]) -> Reranker:
    """The reranker that the settings name; what it has to remark goes to `say`.

    Raises ConfigError for a setting that is missing, ModelError or Unsupported for a model that cannot run.
    """
    if config.reranker == "none":
        return Fused()
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
    from .llm import Listwise

    return Listwise.load(learned, config, say)
