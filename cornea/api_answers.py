"""The answers of the Python API. All of them are frozen.

Lines and columns count from 1, and paths are relative to the root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from msgspec import UNSET

from retrieval.host.answers import IndexState, UnknownName
from retrieval.result import Hit, Suggestion, TextSource

if TYPE_CHECKING:
    from retrieval.host import answers as host
    from retrieval.host import relation_answers as relation

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
    the filters that match nothing, if there are no results. `state` is the state of the index that the
    answer was made from; answers with equal results are equal, whatever it is. `unknown` is the name that
    the question consists of, if nothing defines it.
    """

    results: tuple[T, ...]
    remarks: tuple[str, ...] = ()
    indexing: IndexingProgress | None = None
    emptied: tuple[str, ...] = ()
    state: IndexState | None = field(default=None, compare=False)
    unknown: UnknownName | None = None

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

    `score` in [0, 1] is the share of all candidates' likelihood. `why` are reasons in words. `source` says
    where the lines are: in the file on disk, or in an editor's unsaved buffer.
    """

    path: str
    score: float
    symbol: str | None = None
    start_line: int | None = None
    end_line: int | None = None
    why: tuple[str, ...] = ()
    source: TextSource = "disk"


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
    return ResultSequence(
        tuple(answer.hits),
        answer.remarks,
        indexing_of(answer),
        answer.emptied,
        answer.state,
        answer.unknown,
    )


def suggestions_of(answer: host.SuggestionsAnswer) -> ResultSequence[Suggestion]:
    return ResultSequence(tuple(answer.suggestions), answer.remarks, indexing_of(answer), state=answer.state)


def locations_of(answer: host.LocationsAnswer, unread: str) -> IssueLocations:
    """The answer for an issue. `unread` says which part of the issue was not read."""
    missing = (unread, *answer.missing) if unread else tuple(answer.missing)
    functions, files = (tuple(map(_location, rows)) for rows in (answer.functions, answer.files))
    return IssueLocations(
        functions,
        answer.remarks,
        indexing_of(answer),
        answer.emptied,
        answer.state,
        files=files,
        missing=missing,
    )


def changes_of(
    answer: relation.CochangeAnswer, rows: Sequence[relation.Cochange]
) -> ResultSequence[ChangedTogether]:
    """Some of the functions or files of an answer, as a sequence."""
    return ResultSequence(
        tuple(map(_together, rows)), answer.remarks, indexing_of(answer), state=answer.state
    )


def outline_of(answer: host.OutlineAnswer, path: str) -> FileDefinitions:
    found = tuple(
        OutlineDefinition(one.symbol, one.kind, *one.start, *one.end, *one.name_start)
        for one in answer.definitions
    )
    return FileDefinitions(
        found,
        answer.remarks,
        indexing_of(answer),
        state=answer.state,
        path=path,
        language=answer.language,
        left_out=answer.left_out,
        reason=answer.reason,
    )


def _location(one: host.Location) -> IssueLocation:
    return IssueLocation(
        one.path,
        one.score,
        one.symbol or None,
        one.start_line or None,
        one.end_line or None,
        () if one.why is UNSET else tuple(one.why),
        one.source,
    )


def _together(one: relation.Cochange) -> ChangedTogether:
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
