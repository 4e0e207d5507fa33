"""The settings of search, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.settings import Setting

PROFILES = ("bm25", "dense", "hybrid", "rerank")
"""Names of the ranking profiles. `searcher.PROFILE_WEIGHTS` defines the profiles."""

DEFAULT_PROFILE = "rerank"
CONTINUE_PROFILES = ("bm25", "dense", "hybrid", "balance", "join", "learned")
"""Names of the profiles of `continue`. `continuation.ranker.PROFILE_FEATURES` defines the profiles."""
DEFAULT_CONTINUE_PROFILE = "learned"
UNTIL = ("statement", "block", "function")
"""Where a suggestion ends: with its first statement, with this statement's block, or with the function."""
SIMILAR_PROFILE = "hybrid"
"""The profile for queries that are code. It uses no reranker, because the learned reranker was trained on
queries in words."""

RERANKERS = ("learned", "none", "cross-encoder", "llm")
"""Names of the rerankers that the profile `rerank` can use. `rerankers.build` creates the reranker."""

MAX_LIMIT = 1_000
"""Maximum number of answers, so that a mistyped limit does not request the whole index."""

SETTINGS = (
    Setting("search.limit", 10, "maximum number of answers", project_settable=True, minimum=1),
    Setting("search.per_file", 1, "maximum answers per file", project_settable=True, minimum=1),
    Setting("search.profile", DEFAULT_PROFILE, "ranking profile", project_settable=True, choices=PROFILES),
    # A repository must not set this, because a model at an endpoint receives code.
    Setting("search.reranker", "learned", "the reranker of the profile rerank", choices=RERANKERS),
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
    """The values of the settings in [search] and [rerank]. SETTINGS describes each setting."""

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
        """Make the configuration from the resolved values of the settings, by key."""
        fields = {s.key.removeprefix("search.").replace(".", "_"): values[s.key] for s in SETTINGS}
        return SearchConfig(**fields | {"limit": min(fields["limit"], MAX_LIMIT)})
