"""The settings of search, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from indexer.settings import arguments, setting

_search, _rerank = partial(setting, "search"), partial(setting, "rerank")

PROFILES = ("bm25", "dense", "hybrid", "rerank")
"""Names of the ranking profiles. `searcher.PROFILE_WEIGHTS` defines the profiles."""

DEFAULT_PROFILE = "rerank"
CONTINUE_PROFILES = ("bm25", "dense", "hybrid", "balance", "join", "learned")
"""Names of the profiles of `continue`. `continuation.ranker.PROFILE_WEIGHTS` defines the profiles."""
DEFAULT_CONTINUE_PROFILE = "learned"
UNTIL = ("statement", "block", "function")
"""Where a suggestion ends: with its first statement, with this statement's block, or with the function."""
DEFAULT_UNTIL = "block"
SIMILAR_PROFILE = "hybrid"
"""The profile for queries that are code. It uses no reranker, because the learned reranker was trained on
queries in words."""

RERANKERS = ("learned", "none", "cross-encoder", "llm")
"""Names of the rerankers that the profile `rerank` can use. `rerankers.build` creates the reranker."""

MAX_LIMIT = 1_000
"""Maximum number of answers, so that a mistyped limit does not request the whole index."""

AGENT_COUNTS = {"limit": 30, "per_file": 10}
"""How many results are requested for an answer to a budget, which then shows as many of them as fit."""


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """The values of the settings in [search] and [rerank]."""

    limit: int = _search(10, "maximum number of answers", project_settable=True, minimum=1)
    per_file: int = _search(1, "maximum answers per file", project_settable=True, minimum=1)
    profile: str = _search(DEFAULT_PROFILE, "ranking profile", project_settable=True, choices=PROFILES)
    # A repository must not set this, because a model at an endpoint receives code.
    reranker: str = _search("learned", "the reranker of the profile rerank", choices=RERANKERS)
    rerank_model: str = _rerank(
        "", "the cross-encoder (a folder, or a name that fastembed knows), or the llm's name"
    )
    rerank_url: str = _rerank(
        "", "the llm's OpenAI-compatible endpoint, for example http://localhost:11434/v1"
    )
    rerank_api_key: str = _rerank("", "the endpoint's API key", secret=True)
    rerank_download: bool = _rerank(
        False, "allow fastembed to download a cross-encoder that it does not have"
    )
    rerank_depth: int = _rerank(100, "how many answers a cross-encoder or an llm puts in order", minimum=1)
    rerank_seconds: float = _rerank(60.0, "how long to wait for each answer of the endpoint", minimum=0.1)
    lines: int = _search(8, "lines of each answer on a terminal (0: all)", project_settable=True, minimum=0)

    @staticmethod
    def build(values: Mapping[str, Any]) -> SearchConfig:
        """The configuration from the resolved values by key. `limit` is at most MAX_LIMIT."""
        found = SearchConfig(**arguments(SearchConfig, values))
        return replace(found, limit=min(found.limit, MAX_LIMIT))
