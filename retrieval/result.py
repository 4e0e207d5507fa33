"""The types of results: candidates, hits, excerpts and suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from indexer.fragment import FragmentPayload

TextSource = Literal["disk", "buffer"]
"""Where the text of an answer is: in the file on disk, or in an editor's unsaved buffer of the file."""


@dataclass(slots=True)
class Candidate:
    """A fragment that may be an answer: its payload without the text, and its scores.

    `scores` maps legs to exact scores. Fusion sets `fused`, and ranking sets `score`.
    """

    id: str
    payload: FragmentPayload
    scores: dict[str, float] = field(default_factory=dict)
    fused: float = 0.0
    score: float = 0.0

    @property
    def path(self) -> str:
        return self.payload["path"]

    @property
    def symbol(self) -> str:
        return self.payload["symbol"]

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
    `source` says where the text and its lines are.
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
    source: TextSource = "disk"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text to insert at the cursor, and the path and lines that the text comes from.

    `text` has the line ends of the buffer. `confidence` in [0, 1] is the estimated probability that the names
    in the first line of `text` are right. `names` maps names of the fragment to the names that replace them.
    `why` contains the contributions of the features to the score. `source` says where the lines are.
    """

    text: str
    path: str
    start_line: int
    end_line: int
    symbol: str
    language: str
    confidence: float
    score: float
    names: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, float] = field(default_factory=dict)
    source: TextSource = "disk"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The lines to show for a hit. `text` begins at line `start_line` of the file."""

    start_line: int
    text: str
