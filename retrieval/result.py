"""The types of search results: candidates, hits and excerpts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Candidate:
    """A fragment that may be an answer: its payload without the text, and its scores.

    `scores` maps legs to exact scores. Fusion sets `fused`, and ranking sets `score`.
    """

    id: str
    payload: Mapping[str, Any]
    scores: dict[str, float] = field(default_factory=dict)
    fused: float = 0.0
    score: float = 0.0

    @property
    def path(self) -> str:
        return str(self.payload["path"])

    @property
    def symbol(self) -> str:
        return str(self.payload["symbol"])

    @property
    def own_name(self) -> str:
        """The last part of the qualified name; "" for a block, which is code outside of definitions."""
        return "" if self.payload["kind"] == "block" else self.symbol.rsplit(".", 1)[-1]

    @property
    def place(self) -> tuple[str, int]:
        """The path and the first line, by which candidates of equal score are ordered."""
        return self.path, int(self.payload["start_line"])

    @property
    def sort_key(self) -> tuple[float, str, int]:
        """A key that sorts candidates by descending score, then by path and first line."""
        return (-round(self.score, 6), *self.place)


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer. Lines are 1-based and inclusive; `path` is relative to the root.

    `why` explains the score. It contains the scores of the legs, and the terms whose sum is the score.
    """

    path: str
    start_line: int
    end_line: int
    symbol: str
    kind: str
    language: str
    score: float
    text: str
    why: Mapping[str, float] = field(default_factory=dict)

    def as_json(self, explain: bool = False) -> dict[str, Any]:
        """The JSON object documented in docs/json.md."""
        data: dict[str, Any] = {
            "path": self.path,
            "start_line": self.start_line,
            "end_line": self.end_line,
            "symbol": self.symbol,
            "kind": self.kind,
            "language": self.language,
            "score": round(self.score, 6),
            "text": self.text,
        }
        if explain:
            data["why"] = {name: round(value, 4) for name, value in self.why.items()}
        return data


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The lines to show for a hit. `text` begins at line `start_line` of the file."""

    start_line: int
    text: str
