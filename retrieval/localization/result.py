"""The results of locate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .functions import SourceFunction


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """A function that probably must change. `why` are reasons in words, the most important first."""

    function: SourceFunction
    score: float
    why: Sequence[str] = ()

    def as_json(self, explain: bool = False) -> dict[str, Any]:
        """The documented JSON form."""
        one = self.function
        data: dict[str, Any] = {
            "path": one.path,
            "start_line": one.start,
            "end_line": one.end,
            "symbol": one.symbol,
            "score": round(self.score, 6),
        }
        return data | {"why": list(self.why)} if explain else data


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file that probably must change. `score` is the sum of the probabilities of its functions, at most 1.

    `why` names its most probable functions, each with its most important reason.
    """

    path: str
    score: float
    why: Sequence[str] = ()

    def as_json(self, explain: bool = False) -> dict[str, Any]:
        """The documented JSON form."""
        data: dict[str, Any] = {"path": self.path, "score": round(self.score, 6)}
        return data | {"why": list(self.why)} if explain else data


@dataclass(frozen=True, slots=True)
class LocateResult:
    """Functions and files, best first, and lines about missing evidence."""

    functions: Sequence[FunctionResult]
    files: Sequence[FileResult]
    missing: Sequence[str] = ()
