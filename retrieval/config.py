"""What searching needs to know, as one value built once and passed down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.settings import Setting

PROFILES = ("bm25", "dense", "hybrid", "rerank")
"""Names of the ranking profiles; `searcher.PROFILES` says what each does."""

DEFAULT_PROFILE = "rerank"
SIMILAR_PROFILE = "hybrid"
"""The signals of `rerank` were made for questions in words, not for code."""

MAX_LIMIT = 1_000
"""More answers than anybody reads; it keeps a slip of the finger from asking for all of an index."""

SETTINGS = (
    Setting("search.limit", 10, "how many answers", harmless=True, minimum=1),
    Setting("search.per_file", 1, "how many answers of one file", harmless=True, minimum=1),
    Setting("search.profile", DEFAULT_PROFILE, "how to rank", harmless=True, choices=PROFILES),
    Setting("search.lines", 8, "lines of each answer on a terminal (0: all)", harmless=True, minimum=0),
)


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """The settings of [search]. Each field is the setting of that name; see SETTINGS for what it means."""

    limit: int = 10
    per_file: int = 1
    profile: str = DEFAULT_PROFILE
    lines: int = 8

    @staticmethod
    def build(values: Mapping[str, Any]) -> SearchConfig:
        """From resolved values by key."""
        fields = {setting.key.split(".", 1)[1]: values[setting.key] for setting in SETTINGS}
        return SearchConfig(**fields | {"limit": min(fields["limit"], MAX_LIMIT)})
