"""Converts hits and suggestions to JSON and back. Clients can import this module quickly."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from ..result import Hit
from .frames import Message

if TYPE_CHECKING:
    from ..continuation.continuer import Suggestion


def hits(answer: Message) -> list[Hit]:
    """The hits of an answer to `search` or `similar`."""
    return [Hit(**row) for row in answer["hits"]]


def suggestions(answer: Message) -> list[Suggestion]:
    """The suggestions of an answer to `continue`."""
    from ..continuation.continuer import Suggestion

    return [Suggestion(**row) for row in answer["suggestions"]]


def row(found: Hit | Suggestion, *, why: bool) -> Message:
    """All fields of a hit or suggestion. The field `why` is empty unless the parameter `why` is true."""
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    values["score"] = float(values["score"])
    values["why"] = {name: float(value) for name, value in found.why.items()} if why else {}
    return values
