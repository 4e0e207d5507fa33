"""The parameters of requests to a host, as types. `REQUESTS` has the types of each method.

Wrong parameters raise UsageError (`typed_json.decode`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Generic, Literal, NamedTuple, TypeVar, cast

import msgspec
from msgspec import Meta, field

from indexer.errors import StoreError, UsageError

from ..config import DEFAULT_UNTIL, MAX_LIMIT
from ..typed_json import Parameters, encode
from .answers import (
    BuffersAnswer,
    HitsAnswer,
    HostStatus,
    LocationsAnswer,
    NoAnswer,
    OutlineAnswer,
    QueryAnswer,
    ReindexAnswer,
    SuggestionsAnswer,
)
from .frames import Message
from .grep_answers import GrepAnswer
from .relation_answers import CallsAnswer, CochangeAnswer, SymbolsAnswer

if TYPE_CHECKING:  # imports numpy, which clients do not need
    from ..query import Filters

MAX_CUT_BYTES = 300_000
"""Maximum bytes of an unsaved buffer in which new code is found. To cut a larger one would take too long."""
MAX_PLACES = 200
"""Maximum places or files of a request for symbols."""
MAX_NAMES = 5
Number = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Limit = Annotated[int, Meta(ge=0, le=MAX_LIMIT)]
"""A number of answers. The method itself refuses 0, because the message then says what the number limits."""
ContextLines = Annotated[int, Meta(ge=0, le=1_000)]
IndentWidth = Annotated[int, Meta(ge=0, le=16)]


A = TypeVar("A", bound=msgspec.Struct)
Q = TypeVar("Q", bound=QueryAnswer)


class RequestParams(Parameters, Generic[A]):
    """The parameters of a request whose answer is of type `A`.

    Paths are relative to the root and inside the root. An empty path is a missing one.
    """

    def __post_init__(self) -> None:
        for name in ("path", "folder"):
            if path := getattr(self, name, ""):
                setattr(self, name, _relative(name, path))
        texts: dict[str, str] = getattr(self, "documents", {})
        if texts:
            self.documents = {_relative("documents", path): text for path, text in texts.items()}


class UpdateParams(RequestParams[Q], kw_only=True):
    """The parameters that all methods take which answer from an index.

    With `refresh`, the index is updated first. `yes` allows to index very many files.
    """

    refresh: bool = False
    yes: bool = False


class ReindexParams(RequestParams[ReindexAnswer], kw_only=True):
    """Bring the index up to date. With `rebuild`, index all files again."""

    rebuild: bool = False
    yes: bool = False


class HitsParams(UpdateParams[HitsAnswer], kw_only=True):
    """The parameters that `search` and `similar` share. What is missing follows from the settings.

    `around` is the number of lines around each hit in `excerpts`. `definitions` requests the whole function
    around each hit. `documents` are the texts of unsaved buffers by path, for a client that does not give
    them to the host (`buffers`).
    """

    limit: Limit | None = None
    per_file: Limit | None = None
    profile: str | None = None
    languages: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tests: bool | None = None
    folder: str = ""
    explain: bool = False
    around: ContextLines | None = None
    definitions: bool = False
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> Filters:
        from ..query import Filters

        return Filters(self.languages, self.globs, self.kinds, self.tests, self.folder)


class SearchParams(HitsParams, kw_only=True):
    """Search for code by words or by name.

    With `check_names`, an answer to a question that is a name says if nothing defines this name. With
    `patterns`, only fragments with a line that one of these regular expressions matches are found. With an
    empty `query`, they are in the order of `grep`.
    """

    query: str
    patterns: tuple[str, ...] = ()
    check_names: bool = True


class GrepParams(UpdateParams[GrepAnswer], kw_only=True):
    """Search the text of all indexed files for regular expressions, as ripgrep does.

    One of `patterns` must match. The options are those of ripgrep; `before` and `after` are the numbers of
    lines around each match. `paths` are the files and folders to search, by default the root. `by_path` sorts
    by path and line only. `files_only` leaves the lines out. `documents` are the texts of unsaved buffers by
    path. `page` asks for a further part of an answer.
    """

    patterns: tuple[str, ...]
    fixed_strings: bool = False
    ignore_case: bool = False
    smart_case: bool = False
    word: bool = False
    whole_line: bool = False
    invert: bool = False
    before: ContextLines = 0
    after: ContextLines = 0
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    by_path: bool = False
    files_only: bool = False
    documents: dict[str, str] = field(default_factory=dict)
    page: str = ""

    def __post_init__(self) -> None:
        UpdateParams.__post_init__(self)
        if not self.patterns:
            raise UsageError("'patterns' is empty; name at least one pattern")
        self.paths = tuple(_relative("paths", path) for path in self.paths)


class SimilarParams(HitsParams, kw_only=True):
    """Search for code that is similar to the code at a line of an indexed file."""

    path: str
    line: Number = 1

    def __post_init__(self) -> None:
        self.path = _relative("path", self.path)
        HitsParams.__post_init__(self)


class BufferParams(UpdateParams[Q], kw_only=True):
    """A buffer: its text, or the path of its text in `documents`, in another client's buffer or on disk.

    `saved` says that `text` is that of the file on disk, so that another client's buffer comes before it.
    """

    path: str = ""
    text: str | None = None
    saved: bool = False
    language: str = ""
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def sent_text(self) -> str | None:
        """The text of the buffer, if the request has it."""
        return self.documents.get(self.path) if self.text is None else self.text


class ContinueParams(BufferParams[SuggestionsAnswer], kw_only=True):
    """Suggest the code that comes next at a position of a buffer.

    Without `line`, the position is in the last line; without `column`, at the end of the line. `everything`
    includes suggestions that are probably wrong. `tabs` and `width` describe the editor's indentation.
    """

    line: Number | None = None
    column: Number | None = None
    limit: Limit = 5
    until: str = DEFAULT_UNTIL
    everything: bool = False
    explain: bool = False
    tabs: bool | None = None
    width: IndentWidth = 0


class LocateParams(UpdateParams[LocationsAnswer], kw_only=True):
    """Find the functions that probably must change for the issue with this text.

    `code` requests the text of each function.
    """

    text: str
    limit: Limit | None = None
    explain: bool = False
    folder: str = ""
    code: bool = False


class CochangeParams(UpdateParams[CochangeAnswer], kw_only=True):
    """Find what changed in the same commits as a file, or as the function or class in it.

    The function or class is the one at `line`, or the one that is called `name`. With `folder`, the answers
    are from this folder alone.
    """

    path: str
    line: Number | None = None
    name: str = ""
    limit: Limit | None = None
    folder: str = ""

    def __post_init__(self) -> None:
        self.path = _relative("path", self.path)
        UpdateParams.__post_init__(self)


class MatchPlace(msgspec.Struct):
    """A match of another search tool: a line of a file on disk, or its text if the line's number is unknown.

    With both, the text says where the line is now in a file that has changed since, or has a buffer.
    """

    path: str
    line: Number = 0
    text: str = ""


class SymbolsParams(UpdateParams[SymbolsAnswer], kw_only=True):
    """Find the symbols around places, where names are defined and used, and what files define.

    A place without line and text is the first line of each definition of its file that has `literal`.
    """

    places: Annotated[tuple[MatchPlace, ...], Meta(max_length=MAX_PLACES)] = ()
    names: Annotated[tuple[str, ...], Meta(max_length=MAX_NAMES)] = ()
    literal: str = ""
    files: Annotated[tuple[str, ...], Meta(max_length=MAX_PLACES)] = ()

    def __post_init__(self) -> None:
        self.places = tuple(
            MatchPlace(_relative("places", one.path), one.line, one.text) for one in self.places
        )
        self.files = tuple(_relative("files", one) for one in self.files)


class OutlineParams(BufferParams[OutlineAnswer]):
    """List the definitions of a buffer."""


class BuffersParams(RequestParams[BuffersAnswer], kw_only=True):
    """Give the host unsaved texts by path; null if a file was saved or closed.

    The host keeps the texts until they change or the client disconnects, and answers all clients from them.
    """

    texts: dict[str, str | None]

    def __post_init__(self) -> None:
        self.texts = {_relative("texts", path): text for path, text in self.texts.items()}


Direction = Literal["callers", "callees", "impact", "definitions"]


class CallsParams(UpdateParams[CallsAnswer], kw_only=True):
    """Find the callers of a definition, its callees, or all that depends on it ("impact").

    The definition has the `name`, which may be qualified, or is at a line of a file. With a `column` at a
    call, it is the called one; with `name` and a line, it is what the name means there. The filters apply to
    callers and callees.
    """

    direction: Direction
    name: str = ""
    path: str = ""
    line: Number | None = None
    column: Number | None = None
    limit: Limit = 50
    languages: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    tests: bool | None = None
    folder: str = ""
    documents: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.name.strip() and (not self.path or self.line is None):
            raise UsageError("name a definition, or a path and a line")
        if self.limit < 1:
            raise UsageError("'limit' must be at least 1: the number of callers")

    @property
    def filters(self) -> Filters:
        from ..query import Filters

        return Filters(self.languages, self.globs, (), self.tests, self.folder)


class StatusParams(RequestParams[HostStatus]):
    """Report the state of the process and of the index."""


class HaltParams(RequestParams[NoAnswer]):
    """End the running update, and keep what it has done."""


class LeaveParams(RequestParams[NoAnswer]):
    """End the host."""


class Request(NamedTuple):
    """The types of a method's parameters and answer."""

    params: type[Parameters]
    answer: type[msgspec.Struct]


REQUESTS: Mapping[str, Request] = {
    "search": Request(SearchParams, HitsAnswer),
    "similar": Request(SimilarParams, HitsAnswer),
    "continue": Request(ContinueParams, SuggestionsAnswer),
    "locate": Request(LocateParams, LocationsAnswer),
    "outline": Request(OutlineParams, OutlineAnswer),
    "calls": Request(CallsParams, CallsAnswer),
    "cochange": Request(CochangeParams, CochangeAnswer),
    "symbols": Request(SymbolsParams, SymbolsAnswer),
    "buffers": Request(BuffersParams, BuffersAnswer),
    "status": Request(StatusParams, HostStatus),
    "grep": Request(GrepParams, GrepAnswer),
    "reindex": Request(ReindexParams, ReindexAnswer),
    "halt": Request(HaltParams, NoAnswer),
    "leave": Request(LeaveParams, NoAnswer),
}
_METHODS: dict[type, str] = {request.params: method for method, request in REQUESTS.items()}


def message_of(params: RequestParams[A]) -> tuple[str, Message]:
    """The method and the parameters of a request, as a client sends them."""
    return _METHODS[type(params)], encode(params)


def answer_to(params: RequestParams[A], message: Message) -> A:
    """The answer to a request. Raises StoreError if the message is not such an answer."""
    kind = cast(type[A], REQUESTS[_METHODS[type(params)]].answer)
    try:
        return msgspec.convert(message, kind)
    except msgspec.ValidationError as error:
        raise StoreError(f"the host's answer is not valid ({error}); run `cornea host stop`") from error


def _relative(name: str, path: str) -> str:
    """A path, normalised. Raises UsageError, which names the parameter, for a path outside of the root."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0].startswith("/") or ".." in parts or "\0" in path:
        raise UsageError(f"{name!r}: {path[:200]!r} is outside of the root; write it relative to the root")
    return "/".join(parts)
