"""Questions and candidates made by hand."""

from __future__ import annotations

from typing import Any

from indexer.encoding import load
from retrieval.query import Query, parse_query
from retrieval.result import Candidate
from retrieval.search.lexicon import Lexicons

LEXICONS = Lexicons(load())


def candidate(path: str = "src/a.py", symbol: str = "", **changes: Any) -> Candidate:
    """A candidate; `fused` and `scores` are its own, other changes its payload's."""
    fused, scores = changes.pop("fused", 0.0), changes.pop("scores", {})
    payload = {
        "path": path,
        "language": "python",
        "kind": "function" if symbol else "block",
        "symbol": symbol,
        "ordinal": 0,
        "start_line": 1,
        "end_line": 2,
        "is_test": False,
    }
    return Candidate(f"{path}:{symbol}", payload | changes, dict(scores), fused)


def asked(text: str) -> Query:
    """A question as a person types it."""
    return parse_query(text)
