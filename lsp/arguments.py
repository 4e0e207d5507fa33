"""Validates the arguments of a command. A client may send any JSON as arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from indexer.errors import UsageError

_MOST = 2**31 - 1
"""The largest line or character number in the protocol."""


class Arguments:
    """The arguments of a command: one object, or a string that stands for one of the object's fields."""

    def __init__(self, values: tuple[Any, ...], alone: str = "") -> None:
        """Raises UsageError for other arguments. `alone` names the field that a string stands for."""
        first = values[0] if values else {}
        if isinstance(first, str) and alone:
            first = {alone: first}
        if not isinstance(first, Mapping) or len(values) > 1:
            raise UsageError("expected one object as the argument" + (", or a string" if alone else ""))
        self._values = first

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if not isinstance(value, str):
            raise UsageError(f"{name!r} must be a string")
        return value

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def number(self, name: str, default: int, most: int) -> int:
        value = self._values.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise UsageError(f"{name!r} must be a whole number from 1 to {most}")
        return value

    def flag(self, name: str) -> bool:
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise UsageError(f"{name!r} must be true or false")
        return value

    def position(self, name: str = "position") -> types.Position:
        return _position(name, self._values.get(name))

    def range(self, name: str = "range") -> types.Range:
        value = self._values.get(name)
        if not isinstance(value, Mapping):
            raise UsageError(f"{name!r} must be a range")
        return types.Range(_position(name, value.get("start")), _position(name, value.get("end")))


def _position(name: str, value: Any) -> types.Position:
    given = value if isinstance(value, Mapping) else {}
    line, character = given.get("line"), given.get("character")
    if type(line) is not int or type(character) is not int or min(line, character) < 0:
        raise UsageError(f"{name!r} must have a line and a character")
    return types.Position(min(line, _MOST), min(character, _MOST))
