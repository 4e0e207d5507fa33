"""The answers of a host, as types.

Fields of answers may be added; clients ignore those that they do not know.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..result import Excerpt, Hit, Suggestion

if TYPE_CHECKING:
    from indexer.index.index import Index
    from indexer.index.writer import Report
    from indexer.pipeline import Progress

    from .frames import Message

Count = Annotated[int, Meta(ge=0)]
Line = Annotated[int, Meta(ge=1)]
Place = tuple[Line, Line]
"""A line and a column, both counted from 1. Columns are in code points."""


class UpdateReport(Struct, kw_only=True):
    """What an update did, mostly as numbers of files.

    `renamed` files are also counted as added and removed.
    """

    added: Count
    changed: Count
    renamed: Count
    removed: Count
    unchanged: Count
    fragments: Count
    functions: Count
    seconds: float
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, report: Report) -> UpdateReport:
        return msgspec.convert(report, cls, from_attributes=True)

    @property
    def report(self) -> Report:
        """The report without the skipped files; `cornea status --skipped` lists them."""
        from indexer.index.writer import Report

        return Report(**msgspec.structs.asdict(self))


class RunningUpdate(Struct):
    """The progress of an update that was running, so that the answer is incomplete.

    `done` of `total` new and changed files were indexed. `total` is 0 while the update lists files. `first`
    says whether the update builds a new index.
    """

    done: Count
    total: Count
    first: bool = False

    @classmethod
    def of(cls, progress: Progress | None, *, first: bool) -> RunningUpdate:
        """The progress of an update. It is None while the update still lists files."""
        return cls(progress.done, progress.total, first) if progress else cls(0, 0, first)

    @property
    def line(self) -> str:
        """A line for the user about an incomplete answer."""
        if not self.total:
            what = "nothing is" if self.first else "what changed is not"
            return f"indexing has just begun; {what} indexed yet"
        files = f"{self.done:,} of {self.total:,}"
        if self.first:
            return f"indexing: {files} files; answers come from these files"
        return f"indexing: {files} new and changed files; answers come from what is indexed so far"


class ProgressCounts(Struct):
    """The progress of a running update."""

    total: Count
    done: Count
    fragments: Count


class Trouble(Struct):
    """The event that an update failed."""

    message: str


class Leaving(Struct):
    """The event that the host ends. The client's next request starts another one."""

    why: str


class QueryAnswer(Struct, kw_only=True, omit_defaults=True):
    """The fields that all answers from an index may have.

    `remarks` are lines for the user. `report` is that of the update before the query. `indexing` is missing
    in an answer from the complete index.
    """

    remarks: tuple[str, ...] = ()
    indexing: RunningUpdate | None = None
    report: UpdateReport | None = None


class HitsAnswer(QueryAnswer):
    """The hits, best first.

    `emptied` are the filters that match nothing, if there are no hits. `excerpts` are the lines around each
    hit, if they were requested.
    """

    hits: list[Hit]
    emptied: tuple[str, ...] = ()
    excerpts: list[Excerpt] | None = None


class SuggestionsAnswer(QueryAnswer):
    """The suggestions, best first."""

    suggestions: list[Suggestion]


class Location(Struct, kw_only=True):
    """A function or a file that probably must change. A file has no lines and no symbol.

    `path` is relative to the root. `start_line` is the first line of the function, decorators and comment
    included; `end_line` is inclusive. `score` in [0, 1] is the share of all candidates' likelihood; for a
    file, it is the sum over its functions. `why` are reasons in words, if they were requested; for a file,
    its likeliest functions.
    """

    path: str
    start_line: Line | UnsetType = UNSET
    end_line: Line | UnsetType = UNSET
    symbol: str | UnsetType = UNSET
    score: float
    why: list[str] | UnsetType = UNSET


class LocationsAnswer(QueryAnswer):
    """The functions and files that probably must change, best first.

    `missing` is evidence that was not available.
    """

    functions: list[Location]
    files: list[Location]
    missing: list[str]
    emptied: tuple[str, ...] = ()


class BufferDefinition(Struct):
    """A definition or declaration in a buffer, from `start` to `end`."""

    symbol: str
    kind: str
    start: Place
    end: Place
    name_start: Place
    name_end: Place


class OutlineAnswer(QueryAnswer):
    """The definitions of a buffer.

    `left_out` is the number of definitions above the limit. `reason` says why there are none.
    """

    language: str
    definitions: list[BufferDefinition] = msgspec.field(default_factory=list)
    left_out: Count = 0
    reason: str = ""


Resolution = Literal["resolved", "by name"]
"""Whether imports, receivers and classes lead from a call to a definition, or only the name does."""


class CallLine(Struct):
    """A line with a call. Columns count code points. `text` is the line, at most 240 characters of it."""

    line: Line
    column: Line
    text: str


class CallPlace(Struct, kw_only=True):
    """A function, method, class or macro; or a file's code outside of definitions, whose `symbol` is "".

    `path` is relative to the root. `start_line` and `end_line` are the first and the last line, `line` and
    `column` the place of the name, `text` the line of the name. `test` says that it is in a test.
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

    `shared` are callers by name of several of these definitions. They are not repeated among the edges of
    each. If nothing has the name, `unknown` is the name, and `near` are similar names.
    """

    definitions: list[DefinitionCalls]
    shared: list[CallEdge] = msgspec.field(default_factory=list)
    shared_left_out: Count = 0
    unknown: str = ""
    near: list[str] = msgspec.field(default_factory=list)


class HostStatus(Struct, kw_only=True):
    """The process that answers for an index, and the state of the index.

    `version` is that of cornea. `since` is the Unix time of the start, and `updated` that of the last change
    of the index, 0 before the first. `clients` are connections, and `requests` are running and waiting ones,
    both including those of the client that asks. The host ends if no client was connected for `idle_seconds`.
    `folder` is that of the index, and `repo` the name under which the repository is stored. `watches` is
    "events", or says why the host polls files instead, and how often. `folders` is the number of watched
    folders. `trouble` says why the last update failed, and is empty if it did not. `interim` is true for a
    command that answers while it indexes, and is not a host. `memory` is the resident memory in bytes, 0 if
    the system does not report it.
    """

    root: str
    folder: str
    repo: str
    files: Count
    fragments: Count
    updated: float
    indexing: ProgressCounts | None
    watches: str
    folders: Count
    trouble: str
    memory: Count
    interim: bool | UnsetType = UNSET
    pid: int
    version: str
    protocol: Line
    since: float
    clients: Line
    requests: Count
    idle_seconds: float


class ReindexAnswer(Struct):
    """What the update did, and the name under which the repository is stored."""

    report: UpdateReport
    repo: str


class NoAnswer(Struct):
    """The method was done, and has no result."""


class ErrorBody(Struct, omit_defaults=True):
    """An error in a message. `fields` are attributes of the exception."""

    kind: str
    message: str
    fields: dict[str, str | bool | int | float | None] = msgspec.field(default_factory=dict)


def status(index: Index, progress: Progress | None) -> Message:
    """The members of HostStatus that are known without a host. What only a host knows is empty."""
    from indexer.limits import memory_used

    totals = index.manifest.totals()
    return {
        "root": str(index.root),
        "folder": str(index.folder),
        "repo": index.repo,
        "files": sum(counts[0] for counts in totals.values()),
        "fragments": sum(counts[1] for counts in totals.values()),
        "updated": 0.0,
        "indexing": asdict(progress) if progress else None,
        "watches": "no watcher",
        "folders": 0,
        "trouble": "",
        "memory": memory_used()[1],
    }
