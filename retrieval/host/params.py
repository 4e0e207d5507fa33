"""Typed access to the parameters of a request. A value of the wrong type raises UsageError."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from indexer.errors import UsageError


class Params:
    """The unvalidated JSON parameters of a request."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise UsageError(f"{name!r} must be a string")
        return value

    def number(self, name: str, default: int, most: int = 1_000_000_000) -> int:
        """A whole number from 0 to `most`. A method with a higher minimum checks the minimum itself."""
        found = self.optional(name, most)
        return default if found is None else found

    def optional(self, name: str, most: int = 1_000_000_000) -> int | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise UsageError(f"{name!r} must be a whole number from 0 to {most}")
        return value

    def flag(self, name: str) -> bool:
        return self.either(name) or False

    def either(self, name: str) -> bool | None:
        """Returns True or False. Returns None if the parameter is missing."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise UsageError(f"{name!r} must be true or false")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._values.get(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise UsageError(f"{name!r} must be a list of strings")
        return tuple(value)

    def path(self, name: str, default: str | None = None) -> str:
        """A path that is relative to the root and inside the root. "" is accepted only if `default` is ""."""
        return _inside(name, self.text(name, default), default)

    def documents(self, name: str = "documents") -> dict[str, str]:
        """The texts of unsaved buffers by path."""
        value = self._values.get(name) or {}
        if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
            raise UsageError(f"{name!r} must be an object with paths as keys and strings as values")
        return {_inside(name, path, None): text for path, text in value.items()}


def _inside(name: str, path: str, default: str | None) -> str:
    if path == default:
        return path
    parts = PurePosixPath(path).parts
    if not parts or parts[0].startswith("/") or ".." in parts or "\0" in path:
        raise UsageError(f"{name!r}: {path[:200]!r} is outside of the root; write it relative to the root")
    return "/".join(parts)
