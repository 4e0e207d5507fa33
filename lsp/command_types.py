"""The arguments and results of the commands, as types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from lsprotocol import types
from msgspec import UNSET, Meta, Struct, UnsetType

from indexer.errors import UsageError
from retrieval.host.answers import Line, UpdateReport
from retrieval.result import TextSource
from retrieval.typed_json import Parameters, decode

_MAX_INTEGER = 2**31 - 1
"""The largest line or character number in the protocol."""

Limit = Annotated[int, Meta(ge=1, le=200)]
Unsigned = Annotated[int, Meta(ge=0)]


class Position(Parameters):
    """A position of the protocol. A client may send larger numbers than the protocol allows."""

    REQUIREMENT: ClassVar[str] = "have a line and a character"

    line: Unsigned
    character: Unsigned

    @property
    def protocol(self) -> types.Position:
        return types.Position(min(self.line, _MAX_INTEGER), min(self.character, _MAX_INTEGER))


class Range(Parameters):
    """A range of the protocol."""

    REQUIREMENT: ClassVar[str] = "be a range, whose start and end have a line and a character"

    start: Position
    end: Position

    @property
    def protocol(self) -> types.Range:
        return types.Range(self.start.protocol, self.end.protocol)


class Arguments(Parameters):
    """The arguments of a command: one object, or a string that stands for the field ALONE of the object."""

    ALONE: ClassVar[str] = ""


class ResultsArguments(Arguments, kw_only=True):
    """What all commands take whose results are places. With `show`, the user can open one of the results."""

    limit: Limit | None = None
    show: bool = False


class SearchArguments(ResultsArguments, kw_only=True):
    """Search by a description or a name."""

    ALONE: ClassVar[str] = "query"

    query: str


class SimilarArguments(ResultsArguments, kw_only=True):
    """Find code that is similar to the code at a position."""

    uri: str
    position: Position


class LocateArguments(ResultsArguments, kw_only=True):
    """Find the functions that an issue is about. The issue is `text`, or a document or a range of it."""

    ALONE: ClassVar[str] = "text"

    text: str | None = None
    uri: str | None = None
    range: Range | None = None


class ReindexArguments(Arguments):
    """Bring all indexes up to date, or only the one that contains the file `uri`."""

    uri: str | None = None
    rebuild: bool = False


class StatusArguments(Arguments):
    """The version, the settings, and the state of each root."""


class FoundPlace(Struct, kw_only=True):
    """A `Location` of the protocol, with further fields. Lines in `range` count from 0, and `line` from 1.

    `path` is relative to the root. `why` are the reasons of `cornea.locate`, in words. `text` is the code
    that a search found, with line ends \\n. `source` says whether the lines are those of the file on
    disk or of an unsaved buffer.
    """

    uri: str
    range: Range
    path: str
    line: Line
    symbol: str
    score: float
    why: list[str]
    text: str | UnsetType = UNSET
    source: TextSource = "disk"


class RootReport(UpdateReport, kw_only=True):
    """What the update of a root did."""

    root: str


class FailedUpdate(Struct):
    """Why a root could not be updated, if there are several roots."""

    root: str
    trouble: str


class FailedStatus(Struct):
    """Why the state of a root is not known."""

    folder: str
    trouble: str


class ServerStatus(Struct):
    """The version, the settings, and the state of each root."""

    version: str
    settings: dict[str, bool | int | str | list[str]]
    roots: Annotated[
        list[Any],
        Meta(
            extra_json_schema={
                "items": {"anyOf": [{"$ref": "#/$defs/HostStatus"}, {"$ref": "#/$defs/FailedStatus"}]}
            }
        ),
    ]


T = TypeVar("T", bound=Arguments)


def arguments_of(kind: type[T], values: tuple[Any, ...]) -> T:
    """The arguments of a command. Raises UsageError if they are not of type `kind`."""
    first = values[0] if values else {}
    if isinstance(first, str) and kind.ALONE:
        first = {kind.ALONE: first}
    if not isinstance(first, Mapping) or len(values) > 1:
        raise UsageError("expected one object as the argument" + (", or a string" if kind.ALONE else ""))
    return decode(kind, first)
