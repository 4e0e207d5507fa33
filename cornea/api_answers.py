"""The answers of the Python API. All of them are frozen.

Lines and columns count from 1, and paths are relative to the root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from msgspec import UNSET

from retrieval.result import Hit, Suggestion

if TYPE_CHECKING:
    from retrieval.host import answers as host

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class IndexingProgress:
    """An update that was running, so that an answer is incomplete.

    `done` of `total` new and changed files were indexed. `total` is 0 while the update lists files. `first`
    says whether the update builds a new index.
    """

    done: int
    total: int
    first: bool


@dataclass(frozen=True, slots=True)
class ResultSequence(Sequence[T], Generic[T]):
    """A sequence of results, best first, and what is to be known about them.

    `remarks` are lines for the user. `indexing` is None if the index was complete. `emptied` are the names of
    the filters that match nothing, if there are no results.
    """

    results: tuple[T, ...]
    remarks: tuple[str, ...] = ()
    indexing: IndexingProgress | None = None
    emptied: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.results[index]

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, slots=True)
class IssueLocation:
    """A function or a file that probably must change. A file has neither lines nor a symbol.

    `score` in [0, 1] is the share of all candidates' likelihood. `why` are reasons in words.
    """

    path: str
    score: float
    symbol: str | None = None
    start_line: int | None = None
    end_line: int | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueLocations(ResultSequence[IssueLocation]):
    """The functions that probably must change for an issue, and the files, both best first.

    `missing` is evidence that was not available, such as the history of a folder without git.
    """

    files: tuple[IssueLocation, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedTogether:
    """A function or a file that changed in the same commits as the target. A file has no symbol and no line.

    `together` of the last `changes` commits that changed the target changed it, too. `commit`, `time` and
    `subject` are the id, the Unix time and the first line of the message of the newest of these.
    """

    path: str
    together: int
    changes: int
    commit: str
    time: int
    subject: str
    symbol: str | None = None
    start_line: int | None = None

    def __str__(self) -> str:
        name = f"{self.path} {self.symbol}" if self.symbol else self.path
        return f"{name}: {self.together} of the last {self.changes} commits"


@dataclass(frozen=True, slots=True)
class Related:
    """What is related to a file, or to the function or class at one of its lines.

    `name` is the last part of the name of that function or class, "" for a whole file. `similar` is code that
    is similar to the code at the line. `functions` and `files` changed in the same commits as the target, of
    which the history has `changes`. `missing` is evidence that was not available.
    """

    name: str
    changes: int
    similar: ResultSequence[Hit]
    functions: ResultSequence[ChangedTogether]
    files: ResultSequence[ChangedTogether]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutlineDefinition:
    """A definition or declaration of a file: its extent, and the position of its name."""

    symbol: str
    kind: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    name_line: int
    name_column: int


@dataclass(frozen=True, slots=True)
class FileDefinitions(ResultSequence[OutlineDefinition]):
    """The definitions of a file, in file order.

    `left_out` is the number of definitions above the limit. `reason` says why there are none.
    """

    path: str = ""
    language: str = ""
    left_out: int = 0
    reason: str = ""


def indexing_of(answer: host.QueryAnswer) -> IndexingProgress | None:
    """The progress of the update that was running."""
    found = answer.indexing
    return None if found is None else IndexingProgress(found.done, found.total, found.first)


def hits_of(answer: host.HitsAnswer) -> ResultSequence[Hit]:
    return ResultSequence(tuple(answer.hits), answer.remarks, indexing_of(answer), answer.emptied)


def suggestions_of(answer: host.SuggestionsAnswer) -> ResultSequence[Suggestion]:
    return ResultSequence(tuple(answer.suggestions), answer.remarks, indexing_of(answer))


def locations_of(answer: host.LocationsAnswer, unread: str) -> IssueLocations:
    """The answer for an issue. `unread` says which part of the issue was not read."""
    missing = (unread, *answer.missing) if unread else tuple(answer.missing)
    functions, files = (tuple(map(_location, rows)) for rows in (answer.functions, answer.files))
    return IssueLocations(functions, answer.remarks, indexing_of(answer), answer.emptied, files, missing)


def related_of(answer: host.CochangeAnswer, similar: ResultSequence[Hit]) -> Related:
    """The answer about a file or a definition, of which `similar` code is known already."""
    functions, files = (tuple(map(_together, rows)) for rows in (answer.functions, answer.files))
    indexing = indexing_of(answer)
    return Related(
        answer.name,
        answer.changes,
        similar,
        ResultSequence(functions, answer.remarks, indexing),
        ResultSequence(files, answer.remarks, indexing),
        tuple(answer.missing),
    )


def outline_of(answer: host.OutlineAnswer, path: str) -> FileDefinitions:
    found = tuple(
        OutlineDefinition(one.symbol, one.kind, *one.start, *one.end, *one.name_start)
        for one in answer.definitions
    )
    indexing = indexing_of(answer)
    return FileDefinitions(
        found, answer.remarks, indexing, (), path, answer.language, answer.left_out, answer.reason
    )


def _location(one: host.Location) -> IssueLocation:
    return IssueLocation(
        one.path,
        one.score,
        one.symbol or None,
        one.start_line or None,
        one.end_line or None,
        () if one.why is UNSET else tuple(one.why),
    )


def _together(one: host.Cochange) -> ChangedTogether:
    return ChangedTogether(
        one.path,
        one.together,
        one.changes,
        one.commit,
        one.time,
        one.subject,
        one.symbol or None,
        one.start_line or None,
    )
