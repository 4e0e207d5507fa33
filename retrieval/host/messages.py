"""The messages between a host and its clients: requests, answers, cancellations, events, and errors.

    client  {"id": 7, "method": "search", "params": {...}}      {"cancel": 7}
    host    {"id": 7, "result": {...}}                 {"id": 7, "error": {"kind", "message", "fields"}}
            {"event": "updated", "params": {...}}

The first request of a connection is `hello`. The formats of `hello` and of its answer never change, so that
an old host understands that a newer version wants to replace it.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import takewhile
from typing import Any

from indexer.errors import CorneaError, StoreError, of_kind

from .frames import Message

PROTOCOL = 2
"""Version of the protocol. Increment it with each change after which an old client could misunderstand a new
host, or a new client an old host."""

READS = frozenset(
    {
        "search", "grep", "similar", "continue", "locate", "outline", "calls", "cochange", "symbols",
        "status", "buffers",
    }
)  # fmt: skip
"""Methods that may be repeated. If the connection is lost, a client sends these requests again."""

BUSY, CANCELLED, LEAVING, OUTDATED, REFUSED = "Busy", "Cancelled", "Leaving", "Outdated", "Protocol"
STOPPING = "the host is stopping; try again"


class RequestRefused(StoreError):
    """The host refuses to answer a request. `kind` says in one word why."""

    kind: str = ""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class HostGone(StoreError):
    """There is no host, or the host ended before it answered."""

    def __init__(self, message: str = "the host went away; run the same command again") -> None:
        super().__init__(message)


def is_leaving(error: HostGone | RequestRefused) -> bool:
    """Whether the host is gone or stopping. In this case, the request can be sent to the next host."""
    return isinstance(error, HostGone) or error.kind == LEAVING


def failure(number: Any, error: CorneaError) -> Message:
    """The answer that reports an error."""
    from ..typed_json import encode
    from .answers import ErrorBody

    return {"id": number, "error": encode(ErrorBody(error.kind, str(error), error.fields))}


def exception_from(error: Any) -> CorneaError:
    """The exception that the `error` of an answer describes. It lacks `fields` that are not valid."""
    import msgspec

    from .answers import ErrorBody

    without_fields = {**error, "fields": {}} if isinstance(error, dict) else {}
    for known in (error, without_fields):
        with suppress(msgspec.ValidationError):
            body = msgspec.convert(known, ErrorBody)
            return of_kind(body.kind, body.message, body.fields) or RequestRefused(body.kind, body.message)
    return RequestRefused("", "the host's answer is not valid; run `cornea host stop`")


def is_newer(version: str, than: str) -> bool:
    """Whether `version` is a later release than `than`. The parts of the versions are compared as numbers."""
    return _release(version) > _release(than)


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in takewhile(str.isdigit, version.split(".")))
