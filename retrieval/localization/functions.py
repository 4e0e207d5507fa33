"""Outermost functions and methods, each joined from its fragments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from sys import intern
from typing import Any, NamedTuple

from indexer.fragment import language_of
from indexer.store import Filter, Match

CODE = Filter((Match("kind", ("function", "method", "class", "block")),))
"""The filter that selects all fragments."""
FIELDS = (
    "path", "language", "kind", "symbol", "start_line", "end_line", "start_byte", "end_byte", "text",
    "is_test",
)  # fmt: skip
"""The payload fields of fragments that are read."""
FUNCTIONS = ("function", "method")


@dataclass(frozen=True, slots=True)
class SourceFunction:
    """An outermost function or method. `start` and `end` are its first and last line, counted from 1."""

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
        """The class or module of the function: the qualified name without its last part."""
        return self.symbol.rpartition(".")[0]


class FunctionPiece(NamedTuple):
    """The fields of a fragment that are needed.

    Lines count from 1, and `end_line` is inclusive. Bytes count from 0, and `end_byte` is exclusive.
    """

    path: str
    start_byte: int
    end_byte: int
    symbol: str
    kind: str
    language: str
    start_line: int
    end_line: int
    text: str
    is_test: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> FunctionPiece:
        """Build from the payload of a fragment. The payload takes four times the memory of the piece."""
        return cls(
            intern(str(row["path"])),
            int(row["start_byte"]),
            int(row["end_byte"]),
            str(row["symbol"]),
            intern(str(row.get("kind", ""))),
            intern(language_of(row)),
            int(row["start_line"]),
            int(row["end_line"]),
            str(row.get("text", "")),
            bool(row.get("is_test", False)),
        )


def outermost_functions(pieces: Iterable[FunctionPiece]) -> dict[str, list[SourceFunction]]:
    """The outermost functions by path, from the pieces of functions and methods.

    Adjacent pieces of an outermost function, and of the definitions that are nested in it, are joined.
    """
    found: dict[str, list[SourceFunction]] = {}
    touching = ("", 0)
    for piece in sorted(pieces, key=lambda p: (p.path, p.start_byte)):
        known = found.setdefault(piece.path, [])
        last = known[-1] if touching == (piece.path, piece.start_byte) else None
        if last is not None and f"{piece.symbol}.".startswith(f"{last.symbol}."):
            known[-1] = replace(last, end=piece.end_line, text=last.text + piece.text)
        else:
            known.append(_function(piece))
        touching = (piece.path, piece.end_byte)
    return found


def function_at(there: Sequence[SourceFunction], line: int) -> SourceFunction | None:
    """Returns the function that contains a line. Returns None if no function contains the line."""
    return next((f for f in there if f.start <= line <= f.end), None)


def _function(piece: FunctionPiece) -> SourceFunction:
    return SourceFunction(
        piece.path,
        piece.symbol,
        piece.start_line,
        piece.end_line,
        piece.text,
        piece.language,
        piece.kind,
        piece.is_test,
    )
