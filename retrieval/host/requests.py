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
    CallsAnswer,
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

if TYPE_CHECKING:  # imports numpy, which clients do not need
    from ..query import Filters

MAX_CUT_BYTES = 300_000
"""Maximum bytes of an unsaved buffer in which new code is found. To cut a larger one would take too long."""
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

    `around` is the number of lines around each hit in `excerpts`. `documents` are the texts of unsaved
    buffers by path.
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
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> Filters:
        from ..query import Filters

        return Filters(self.languages, self.globs, self.kinds, self.tests, self.folder)


class SearchParams(HitsParams, kw_only=True):
    """Search for code by words or by name."""

    query: str


class SimilarParams(HitsParams, kw_only=True):
    """Search for code that is similar to the code at a line of an indexed file."""

    path: str
    line: Number = 1

    def __post_init__(self) -> None:
        self.path = _relative("path", self.path)
        HitsParams.__post_init__(self)


class BufferParams(UpdateParams[Q], kw_only=True):
    """A buffer: its text, or the path of its text in `documents`."""

    path: str = ""
    text: str | None = None
    language: str = ""
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def buffer_text(self) -> str:
        """The text of the buffer. Raises UsageError if there is none."""
        text = self.documents.get(self.path) if self.text is None else self.text
        if text is None:
            raise UsageError("'text' must be a string")
        return text


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
    """Find the functions that probably must change for the issue with this text."""

    text: str
    limit: Limit | None = None
    explain: bool = False
    folder: str = ""


class OutlineParams(BufferParams[OutlineAnswer]):
    """List the definitions of a buffer."""


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
    "status": Request(StatusParams, HostStatus),
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
