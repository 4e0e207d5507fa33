"""The answers of a host, as types.

Fields of answers may be added; clients ignore those that they do not know.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..result import Excerpt, Hit, Suggestion, TextSource

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


class IndexState(Struct, frozen=True, kw_only=True):
    """The state of the index that an answer was made from.

    `updated` is the Unix time of the last update that changed the index, 0 if that is unknown. `files` is the
    number of indexed files. `changed` is the number of paths that are known to have changed on disk since
    the last update, and null if it is not known whether any have: answers show the present text of such
    files, but may lack what is new in them. `buffers` is the number of unsaved texts that answers take into
    account. `whole` is false while an index is being built. `skipped` is the number of files that were read
    and left out, which `cornea status --skipped` lists. `restricted` names the settings that restrict which
    files are indexed.
    """

    updated: float
    files: Count
    changed: Count | None
    buffers: Count
    whole: bool
    skipped: Count
    restricted: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """A line for the user about what is stale or incomplete. Empty if nothing is known to be."""
        if not self.whole:
            return f"the index is not complete ({self.files:,} files are indexed)"
        if self.changed:
            files = "1 file has" if self.changed == 1 else f"{self.changed:,} files have"
            return f"{files} changed since the index was updated; what is new there may be missing"
        if self.changed is None:
            return "it is not known whether files have changed since the index was updated"
        return ""


class QueryAnswer(Struct, kw_only=True, omit_defaults=True):
    """The fields that all answers from an index may have.

    `remarks` are lines for the user. `report` is that of the update before the query. `indexing` is missing
    in an answer from the complete index. `state` is the state of the index that the answer was made from.
    """

    remarks: tuple[str, ...] = ()
    indexing: RunningUpdate | None = None
    report: UpdateReport | None = None
    state: IndexState | None = None

    @property
    def unknown_name(self) -> UnknownName | None:
        """The name that was asked for and that nothing defines, if the user should be told."""
        return None


class UnknownName(Struct, frozen=True):
    """A name that the question consists of, and that nothing defines. `nearest` are similar names, if any."""

    name: str
    nearest: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """A line for the user."""
        said = f"no definition named {self.name}"
        return f"{said}; nearest: {', '.join(self.nearest)}" if self.nearest else said


class HitsAnswer(QueryAnswer):
    """The hits, best first.

    `emptied` are the filters that match nothing, if there are no hits. `left_out` says for each filter of the
    question how many of the index's fragments it leaves out, if there are fewer hits than the limit.
    `excerpts` are the lines around each hit, and `definitions` the whole function around each hit, if they
    were requested. `unknown` is the name that the question consists of, if nothing defines it; the hits then
    only contain it, or parts of it.
    """

    hits: list[Hit]
    emptied: tuple[str, ...] = ()
    left_out: dict[str, Count] = msgspec.field(default_factory=dict)
    excerpts: list[Excerpt] | None = None
    unknown: UnknownName | None = None
    definitions: list[Excerpt] | None = None

    @property
    def unknown_name(self) -> UnknownName | None:
        """A plain word that hits contain, as `password`, is rather a description than a name."""
        if self.unknown is None:
            return None
        name = self.unknown.name
        is_word = name.isalpha() and name.islower()
        is_found = bool(self.emptied) or any(name in hit.text.lower() for hit in self.hits)
        return None if is_word and is_found else self.unknown


class SuggestionsAnswer(QueryAnswer):
    """The suggestions, best first. `text` is the unsaved text that they continue, if not the request's."""

    suggestions: list[Suggestion]
    text: str | None = None


class Location(Struct, kw_only=True):
    """A function or a file that probably must change. A file has no lines and no symbol.

    `path` is relative to the root. `start_line` is the first line of the function, decorators and comment
    included; `end_line` is inclusive. `score` in [0, 1] is the share of all candidates' likelihood; for a
    file, it is the sum over its functions. `why` are reasons in words, if they were requested; for a file,
    its likeliest functions. `source` says where the lines are. `text` is the code of the function, and
    `language` its language, if they were requested.
    """

    path: str
    start_line: Line | UnsetType = UNSET
    end_line: Line | UnsetType = UNSET
    symbol: str | UnsetType = UNSET
    score: float
    why: list[str] | UnsetType = UNSET
    source: TextSource = "disk"
    text: str | UnsetType = UNSET
    language: str | UnsetType = UNSET


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


class BuffersAnswer(Struct):
    """The number of buffers that the host holds for the client. `left_out` are those without room."""

    held: Count
    left_out: tuple[str, ...] = ()


class HostStatus(Struct, kw_only=True):
    """The process that answers for an index, and the state of the index.

    `version` is that of cornea. `since` is the Unix time of the start, and `updated` that of the last change
    of the index, 0 before the first. `clients` are connections, and `requests` are running and waiting ones,
    both including those of the client that asks. The host ends if no client was connected for `idle_seconds`.
    `folder` is that of the index, and `repo` the name under which the repository is stored. `watches` is
    "events", or says why the host polls files instead, and how often. `folders` is the number of watched
    folders. `trouble` says why the last update failed, and is empty if it did not. `interim` is true for a
    command that answers while it indexes, and is not a host. `memory` is the resident memory in bytes, 0 if
    the system does not report it. `buffers` is the number of unsaved texts that all clients have given the
    host. `changed` is the number of paths that are known to have changed since the index was updated, and
    null if that is not known.
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
    buffers: Count = 0
    changed: Count | None = None
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
