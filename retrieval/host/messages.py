"""What is said between a host and its clients: requests, answers, cancellations, events, and errors by name.

    client  {"id": 7, "method": "search", "params": {...}}      {"cancel": 7}
    host    {"id": 7, "result": {...}}                          {"id": 7, "error": {"kind", "message"}}
            {"event": "updated", "params": {...}}

The first request of a connection is `hello`. What it holds and how it is answered stays the same in every
version, so that an old host understands that a newer one wants its place.
"""

from __future__ import annotations

from typing import Any

from indexer import errors
from indexer.errors import CorneaError, StoreError

from .frames import Message

PROTOCOL = 1
"""Raised whenever an old client could misunderstand a new host, or the other way round."""

READS = frozenset({"search", "similar", "continue", "locate", "outline", "status"})
"""Methods that change nothing of their own: one that got no answer is asked again."""

BUSY, CANCELLED, LEAVING, OUTDATED, REFUSED = "Busy", "Cancelled", "Leaving", "Outdated", "Protocol"


class Refused(StoreError):
    """The host will not answer; `kind` says why in one word."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Lost(StoreError):
    """There is no host, or it went away before it had answered."""

    def __init__(self, message: str = "the host went away; run the same command again") -> None:
        super().__init__(message)


def leaves(error: Lost | Refused) -> bool:
    """Whether it is only this host that does not answer: whoever comes after it may be asked."""
    return isinstance(error, Lost) or error.kind == LEAVING


def request(number: int, method: str, params: Message) -> Message:
    return {"id": number, "method": method, "params": params}


def cancel(number: int) -> Message:
    return {"cancel": number}


def result(number: Any, value: Message) -> Message:
    return {"id": number, "result": value}


def failure(number: Any, error: CorneaError) -> Message:
    """An error as an answer; what it carries besides its text stays behind."""
    kind = error.kind if isinstance(error, Refused) else type(error).__name__
    return {"id": number, "error": {"kind": kind, "message": str(error)}}


def event(name: str, params: Message) -> Message:
    return {"event": name, "params": params}


def raised(error: Any) -> CorneaError:
    """The exception that an answer's `error` stands for."""
    said = error if isinstance(error, dict) else {}
    kind, text = str(said.get("kind", "")), str(said.get("message", ""))
    found = getattr(errors, kind, None)
    if isinstance(found, type) and issubclass(found, CorneaError):
        return found(text)
    return Refused(kind, text or "the host answered what cannot be understood; run `cornea host stop`")


def is_newer(version: str, than: str) -> bool:
    """Whether a version is a later release than another; their parts are compared as numbers."""
    return _release(version) > _release(than)


def _release(version: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part[:9]))
    return tuple(numbers)
