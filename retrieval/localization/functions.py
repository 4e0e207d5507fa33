"""Functions as fixes change them: outermost functions and methods, put together from their pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from indexer.store import Filter, Match

CODE = Filter((Match("kind", ("function", "method", "class", "block")),))
"""All that has text."""
FIELDS = (
    "path", "language", "kind", "symbol", "start_line", "end_line", "start_byte", "end_byte", "text",
    "is_test",
)  # fmt: skip
"""What is read of each."""
FUNCTIONS = ("function", "method")


@dataclass(frozen=True, slots=True)
class Function:
    """An outermost function or method; lines from 1, inclusive."""

    path: str
    symbol: str
    start: int
    end: int
    text: str = field(default="", compare=False, repr=False)
    language: str = field(default="", compare=False)
    kind: str = field(default="", compare=False)
    is_test: bool = field(default=False, compare=False)

    @property
    def id(self) -> str:
        return f"{self.path}:{self.start} {self.symbol}"

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.symbol.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """What it is a member of: the qualified name without its last part."""
        return self.symbol.rpartition(".")[0]


def outermost(pieces: Iterable[Mapping[str, Any]]) -> dict[str, list[Function]]:
    """The functions of each file, from the payloads of function and method fragments.

    Pieces that touch and belong to one definition, or to one nested in it, are one function.
    """
    found: dict[str, list[Function]] = {}
    touching = ("", 0)
    for piece in sorted(pieces, key=lambda p: (str(p["path"]), int(p["start_byte"]))):
        path, symbol, end = str(piece["path"]), str(piece["symbol"]), int(piece["end_line"])
        known = found.setdefault(path, [])
        last = known[-1] if touching == (path, int(piece["start_byte"])) else None
        text = str(piece.get("text", ""))
        if last is not None and f"{symbol}.".startswith(f"{last.symbol}."):
            known[-1] = replace(last, end=end, text=last.text + text)
        else:
            known.append(_function(piece, path, symbol, end, text))
        touching = (path, int(piece["end_byte"]))
    return found


def function_at(there: Sequence[Function], line: int) -> Function | None:
    """The function that a line is in."""
    return next((f for f in there if f.start <= line <= f.end), None)


def _function(piece: Mapping[str, Any], path: str, symbol: str, end: int, text: str) -> Function:
    language, kind = str(piece.get("language", "")), str(piece.get("kind", ""))
    test = bool(piece.get("is_test", False))
    return Function(path, symbol, int(piece["start_line"]), end, text, language, kind, test)
