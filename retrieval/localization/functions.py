"""Outermost functions and methods, each joined from its fragments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from sys import intern
from typing import Any

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
MAX_TEXT = 20_000
"""Maximum characters of a function that are used."""


@dataclass(frozen=True, slots=True)
class SourceFunction:
    """An outermost function or method, or a fragment of one.

    `start` and `end` are the first and the last line, counted from 1. `start_byte` and `end_byte` are the
    extent in bytes, counted from 0.
    """

    path: str
    symbol: str
    start: int
    end: int
    text: str = field(default="", compare=False, repr=False)
    language: str = field(default="", compare=False)
    is_test: bool = field(default=False, compare=False)
    start_byte: int = field(default=0, compare=False)
    end_byte: int = field(default=0, compare=False)

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> SourceFunction:
        """Build from the payload of a fragment, which takes four times the memory."""
        return cls(
            intern(str(payload["path"])),
            str(payload["symbol"]),
            int(payload["start_line"]),
            int(payload["end_line"]),
            str(payload.get("text", ""))[:MAX_TEXT],
            intern(language_of(payload)),
            bool(payload.get("is_test", False)),
            int(payload["start_byte"]),
            int(payload["end_byte"]),
        )

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


def outermost_functions(fragments: Iterable[SourceFunction]) -> dict[str, list[SourceFunction]]:
    """The outermost functions by path, sorted by path and position, from the fragments of all functions.

    Adjacent fragments of an outermost function, and of the definitions that are nested in it, are joined.
    """
    found: dict[str, list[SourceFunction]] = {}
    for one in sorted(fragments, key=lambda f: (f.path, f.start_byte)):
        known = found.setdefault(one.path, [])
        last = known[-1] if known and known[-1].end_byte == one.start_byte else None
        if last is not None and f"{one.symbol}.".startswith(f"{last.symbol}."):
            text = (last.text + one.text)[:MAX_TEXT]
            known[-1] = replace(last, end=one.end, end_byte=one.end_byte, text=text)
        else:
            known.append(one)
    return found
