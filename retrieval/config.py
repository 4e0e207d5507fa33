"""The settings of search, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.settings import Setting

PROFILES = ("bm25", "dense", "hybrid", "rerank")
"""Names of the ranking profiles. `searcher.PROFILE_WEIGHTS` defines them."""

DEFAULT_PROFILE = "rerank"
CONTINUE_PROFILES = ("bm25", "dense", "hybrid", "balance", "join", "learned")
"""Names of the profiles that rank continuations. `continuation.ranker.PROFILE_FEATURES` defines them."""
DEFAULT_CONTINUE_PROFILE = "learned"
UNTIL = ("statement", "block", "function")
"""Where a suggestion ends: with the first statement, with its block, or with the function."""
SIMILAR_PROFILE = "hybrid"
"""Profile for queries that are code: the reranker was trained on queries in words."""

RERANKERS = ("learned", "none", "cross-encoder", "llm")
"""Rerankers that the profile `rerank` can use. `rerankers.build` creates them."""

MAX_LIMIT = 1_000
"""Maximum number of answers, so that a mistyped limit does not request the whole index."""

SETTINGS = (
    Setting("search.limit", 10, "how many answers", project_settable=True, minimum=1),
    Setting("search.per_file", 1, "how many answers of one file", project_settable=True, minimum=1),
    Setting("search.profile", DEFAULT_PROFILE, "how to rank", project_settable=True, choices=PROFILES),
    # A repository must not set this: a model behind an endpoint receives code.
    Setting("search.reranker", "learned", "what the profile rerank orders by", choices=RERANKERS),
    Setting(
        "rerank.model", "", "the cross-encoder (a folder, or a name that fastembed knows), or the llm's name"
    ),
    Setting("rerank.url", "", "the llm's OpenAI-compatible endpoint, for example http://localhost:11434/v1"),
    Setting("rerank.api_key", "", "the endpoint's API key"),
    Setting("rerank.download", False, "allow fastembed to download a cross-encoder that it does not have"),
    Setting("rerank.depth", 100, "how many answers a cross-encoder or an llm puts in order", minimum=1),
    Setting("rerank.seconds", 60.0, "how long to wait for each answer of the endpoint", minimum=0.1),
    Setting(
        "search.lines", 8, "lines of each answer on a terminal (0: all)", project_settable=True, minimum=0
    ),
)


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """The settings of [search] and [rerank]. SETTINGS describes the fields."""

    limit: int = 10
    per_file: int = 1
    profile: str = DEFAULT_PROFILE
    lines: int = 8
    reranker: str = "learned"
    rerank_model: str = ""
    rerank_url: str = ""
    rerank_api_key: str = ""
    rerank_download: bool = False
    rerank_depth: int = 100
    rerank_seconds: float = 60.0

    @staticmethod
    def build(values: Mapping[str, Any]) -> SearchConfig:
        """The configuration from resolved values by key."""
        fields = {s.key.removeprefix("search.").replace(".", "_"): values[s.key] for s in SETTINGS}
        return SearchConfig(**fields | {"limit": min(fields["limit"], MAX_LIMIT)})
