"""The answers that say what is related to code: calls, what changed together, and symbols, as types."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ..result import TextSource
from .answers import Count, Line, QueryAnswer, UnknownName


class Cochange(Struct, kw_only=True):
    """A file or a function that changed in the same commits as the target. A file has no line and no symbol.

    `together` of the last `changes` commits that changed the target changed it, too. `commit`, `time` and
    `subject` are the id, the Unix time and the first line of the message of the newest of these.
    """

    path: str
    symbol: str | UnsetType = UNSET
    start_line: Line | UnsetType = UNSET
    together: Count
    changes: Count
    commit: str
    time: int
    subject: str
    score: float

    @property
    def line(self) -> str:
        """How often it changed together with the target, in words."""
        return f"{self.together} of the last {self.changes} commits"


class CochangeAnswer(QueryAnswer):
    """What changed together with the target, the most closely related first.

    `name` is the last part of the target's name, "" for a whole file. `changes` is the number of its changes
    that were used. Only files and functions that still exist are listed. `missing` is evidence that was not
    available.
    """

    name: str
    changes: Count
    files: list[Cochange]
    functions: list[Cochange]
    missing: list[str]


Resolution = Literal["resolved", "by name"]
"""Whether imports, receivers and classes lead from a call to a definition, or only the name does."""


class EnclosingSymbol(Struct):
    """A definition around matches, from `start_line` to `end_line`. `lines` are those of the matches.

    `source` says in which text they are counted.
    """

    path: str
    symbol: str
    kind: str
    start_line: Line
    end_line: Line
    lines: list[int]
    source: TextSource = "disk"


class DefinitionPlace(Struct):
    """A definition of a name. `text` is the line `line`, which has the name; "" if no line has it.

    `source` says in which text the line is.
    """

    path: str
    symbol: str
    line: Line
    text: str
    source: TextSource = "disk"


class UserPlace(Struct):
    """Code that uses a name, at `line`. `symbol` is "" outside of definitions.

    `resolution` is "resolved" for a caller of the definition, and "by name" for code that may mean another.
    """

    path: str
    symbol: str
    line: Line
    resolution: Resolution = "by name"


class FileSymbols(Struct):
    """The first outermost definitions of a file. `more` is the number of the others."""

    path: str
    symbols: list[str]
    more: Count


class SymbolsAnswer(QueryAnswer):
    """What is known of the places, names and files that were asked about.

    `users` are those of the first name that is defined, without those around the places: its callers, if the
    host knows them, and else code that has the name, calls first. Lines and texts are those of unsaved
    buffers, else of the files as they are now. Secrets in texts are masked.
    """

    enclosing: list[EnclosingSymbol]
    definitions: list[DefinitionPlace]
    users: list[UserPlace]
    files: list[FileSymbols]


class CallLine(Struct, frozen=True):
    """A line with a call. Columns count code points. `text` is the line, at most 240 characters of it."""

    line: Line
    column: Line
    text: str


class CallPlace(Struct, kw_only=True):
    """A function, method, class or macro; or a file's code outside of definitions, whose `symbol` is "".

    `path` is relative to the root. `start_line` and `end_line` are the first and the last line, `line` and
    `column` the place of the name, `text` the line of the name. `test` says that it is in a test. `source`
    says where the text is from which the file's lines count.
    """

    path: str
    symbol: str
    kind: str
    language: str
    start_line: Line
    end_line: Line
    line: Line
    column: Line
    test: bool
    text: str
    source: TextSource = "disk"


class CallEdge(CallPlace, kw_only=True):
    """A caller or a callee, with the lines of its calls, which are in the caller.

    `distance` is 1 for the callers of a definition itself, and 2 for their callers. `via` is then the
    qualified name of the definition that it calls. If the edge is "by name", `candidates` is the number of
    definitions that its calls may mean.
    """

    resolution: Resolution
    calls: list[CallLine]
    distance: Line = 1
    via: str | UnsetType = UNSET
    candidates: Line = 1


class DefinitionCalls(Struct, kw_only=True):
    """A definition, and its callers or callees: resolved ones first, those in tests last.

    `left_out` is the number of edges above the limit, and `filtered` that of edges that filters exclude.
    """

    definition: CallPlace
    edges: list[CallEdge] = msgspec.field(default_factory=list)
    left_out: Count = 0
    filtered: Count = 0


class CallsAnswer(QueryAnswer):
    """The definitions of a name or at a place, each with its callers or callees.

    `shared` are callers of several of these definitions, such as overloads. They are not repeated among the
    edges of each. If nothing has the name, `unknown` is the name, and `near` are similar names.
    """

    definitions: list[DefinitionCalls]
    shared: list[CallEdge] = msgspec.field(default_factory=list)
    shared_left_out: Count = 0
    unknown: str = ""
    near: list[str] = msgspec.field(default_factory=list)

    @property
    def unknown_name(self) -> UnknownName | None:
        return UnknownName(self.unknown, tuple(self.near)) if self.unknown else None
