"""What `search`, `similar`, `continue` and `locate` print with `--json` and `--batch`, as types.

`cornea.schemas` makes JSON Schemas of them. Fields may be added; those that exist stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from indexer.fragment import Kind
from retrieval.host.answers import Count, IndexState, Line, Location, UnknownName
from retrieval.host.relation_answers import CallEdge, DefinitionCalls
from retrieval.host.requests import Direction, Number
from retrieval.result import TextSource
from retrieval.typed_json import Parameters

if TYPE_CHECKING:
    from retrieval.host.answers import RunningUpdate
    from retrieval.host.relation_answers import CallsAnswer
    from retrieval.result import Hit, Suggestion

R = TypeVar("R", bound=Struct)
T = TypeVar("T")


class Result(Struct, kw_only=True):
    """A fragment that `search` or `similar` found.

    `path` is relative to the root and has forward slashes; bytes that are not UTF-8 appear as \\xNN. The
    lines count from 1, and `end_line` is inclusive. `symbol` is a qualified name, as Class.method, and
    empty for code outside of definitions. `language` is named as by `cornea status`; for a script in a
    page, it is the script's own. A higher `score` is better, and is comparable within one answer only.
    `source` says whether text and lines are those of the file on disk or of an editor's unsaved buffer. With
    --explain, `why` has the score of each leg, and what the most important features added.
    """

    path: str
    start_line: Line
    end_line: Line
    symbol: str
    kind: Kind
    language: str
    score: float
    text: str
    source: TextSource = "disk"
    why: dict[str, float] | UnsetType = UNSET

    @classmethod
    def of(cls, hit: Hit, *, explain: bool = False) -> Result:
        found = msgspec.convert(hit, cls, from_attributes=True)
        found.score = round(found.score, 6)
        found.why = _rounded(hit.why) if explain else UNSET
        return found


class SuggestionResult(Struct, kw_only=True):
    """Code that may continue the code before the cursor.

    `path`, `start_line`, `end_line`, `symbol` and `source` say where the code comes from. `suggestion` is the
    text to insert at the cursor, white space included; its line ends are those of the document. `confidence`
    in [0, 1] is the estimated chance that the first line has the right names. A higher `score` is better,
    and is comparable within one answer only. With --explain, `adapted` has original names and the names
    that replaced them, and `why` what the most important features added to the score, and the rest as one
    number.
    """

    path: str
    start_line: Line
    end_line: Line
    symbol: str
    suggestion: str
    confidence: float
    score: float
    source: TextSource = "disk"
    adapted: dict[str, str] | UnsetType = UNSET
    why: dict[str, float] | UnsetType = UNSET

    @classmethod
    def of(cls, one: Suggestion, *, explain: bool = False) -> SuggestionResult:
        return cls(
            path=one.path,
            start_line=one.start_line,
            end_line=one.end_line,
            symbol=one.symbol,
            suggestion=one.text,
            confidence=round(one.confidence, 4),
            score=round(one.score, 6),
            source=one.source,
            adapted=dict(one.names) if explain else UNSET,
            why=_rounded(one.why) if explain else UNSET,
        )


class IndexedFiles(Struct):
    """How many new and changed files a running update has indexed. `total` is 0 while it lists files."""

    done: Count
    total: Count

    @classmethod
    def of(cls, indexing: RunningUpdate | None) -> IndexedFiles | UnsetType:
        return UNSET if indexing is None else cls(indexing.done, indexing.total)


class SearchOutput(Struct, kw_only=True):
    """The answer of `search --json` or `similar --json`, best result first.

    `query` is the question, or for `similar` the place, as src/server.py:120. `scope` is the folder that
    was searched, relative to the root; it is missing if it was the whole root. `indexing` is missing in a
    complete answer. If the question is a name that nothing defines, `unknown` has it, with similar names.
    `left_out` says how many fragments each filter leaves out, if filters were given and fewer results were
    found than requested. `state` is the state of the index that the answer was made from.
    """

    query: str
    unknown: UnknownName | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    left_out: dict[str, Count] | UnsetType = UNSET
    state: IndexState | UnsetType = UNSET
    indexing: IndexedFiles | UnsetType = UNSET
    results: list[Result]


class ContinueOutput(Struct, kw_only=True):
    """The answer of `continue --json`, best result first. `query` is the place as typed; - for stdin."""

    query: str
    state: IndexState | UnsetType = UNSET
    results: list[SuggestionResult]
    indexing: IndexedFiles | UnsetType = UNSET


class LocateOutput(Struct, kw_only=True):
    """The answer of `locate --json`, best result first.

    `query` is the issue's title, and empty if it has none. `scope`, `state` and `indexing` are those of
    `search`.
    `missing` says in words what was not available: no git history, a shallow clone, no word of the issue
    in the code, the part of a long issue that was not read.
    """

    query: str
    scope: str | UnsetType = UNSET
    state: IndexState | UnsetType = UNSET
    results: list[Location]
    missing: list[str]
    indexing: IndexedFiles | UnsetType = UNSET


class CallsOutput(Struct, kw_only=True):
    """The answer of `callers --json`, `callees --json` or `impact --json`.

    `query` is the name or the place as typed. `scope` and `indexing` are those of `search`. The other fields
    are those of the host's answer; `unknown` is missing if the name has a definition.
    """

    query: str
    direction: Direction
    scope: str | UnsetType = UNSET
    indexing: IndexedFiles | UnsetType = UNSET
    definitions: list[DefinitionCalls]
    shared: list[CallEdge]
    shared_left_out: Count
    unknown: str | UnsetType = UNSET
    near: list[str]

    @classmethod
    def of(cls, direction: Direction, query: str, found: CallsAnswer, scope: str | UnsetType) -> CallsOutput:
        return cls(
            query=query,
            direction=direction,
            scope=scope,
            indexing=IndexedFiles.of(found.indexing),
            definitions=found.definitions,
            shared=found.shared,
            shared_left_out=found.shared_left_out,
            unknown=found.unknown or UNSET,
            near=found.near,
        )


Id = str | int | float | bool


class BatchLine(Parameters, kw_only=True):
    """A line of a batch. Unknown fields are ignored, and the answer repeats the `id`."""

    id: Id


class SearchLine(BatchLine, kw_only=True):
    """A line of `search --batch`."""

    query: str


class ContinueLine(BatchLine, kw_only=True):
    """A line of `continue --batch`: a file and a line, or a text and its language.

    Lines and columns count from 1, columns in code points. Without `column`, the cursor is at the end of the
    line; without `line`, in the last line of `text`. With `text`, `path` is the file that the text
    belongs to.
    """

    path: str | None = None
    line: Number | None = None
    column: Number | None = None
    text: str | None = None
    language: str | None = None


class LocateLine(BatchLine, kw_only=True):
    """A line of `locate --batch`. `text` is an issue."""

    text: str


class BatchAnswer(Struct, Generic[R], kw_only=True):
    """The answer to a line of a batch. The other fields are those of a single answer."""

    id: Id | None = None
    unknown: UnknownName | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    left_out: dict[str, Count] | UnsetType = UNSET
    state: IndexState | UnsetType = UNSET
    results: list[R]
    missing: list[str] | UnsetType = UNSET
    indexing: IndexedFiles | UnsetType = UNSET


class BatchError(Struct):
    """Why a line of a batch was not answered; the others are answered. `id` is null if the line had none."""

    id: Id | None
    error: str


def present(value: T | None) -> T | UnsetType:
    """A field of an answer of a host, which is missing in the output if it is None."""
    return UNSET if value is None else value


def _rounded(why: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in why.items()}
