"""Adds entries to JSON with comments, and removes them; every other byte stays as it is.

Configuration files belong to their users: comments, trailing commas, order and spacing are kept, which
reading and writing them with `json` would lose. The text is read into values that know where they are; an
edit then replaces one part of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from indexer.errors import UsageError

_SPACE = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TOKEN = re.compile(
    r'"(?:[^"\\\x00-\x1f]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|[\[\]{}:,]'
)
_COMMENT = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/)")
_INDENT = re.compile(r"[ \t]*")
_INDENTED = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_DEEPEST = 200
"""Levels of nesting. A configuration has fewer than ten; deeper text would end Python's stack."""

Key = str | None
"""A key of an object, or None for an item of a list."""


@dataclass(slots=True)
class Value:
    """A value of the text: its place, and for an object or list its members in order.

    `plain` is the value as `json` reads it.
    """

    start: int
    end: int = 0
    plain: Any = None
    members: list[Member] = field(default_factory=list)

    def number(self, key: str) -> int | None:
        """The number of the member with a key, or None if there is none."""
        return next((number for number, one in enumerate(self.members) if one.key == key), None)


@dataclass(slots=True)
class Member:
    """A member of an object or list. `start` is where its key begins, or its value if it has no key."""

    start: int
    key: Key
    value: Value


class MalformedJson(UsageError):
    """The text is not JSON with comments. The message has the line and the column."""


def parse(text: str) -> Value:
    """The value of a text. Raises MalformedJson; an empty text is an empty object at its end."""
    reader = _Reader(text)
    if reader.at_end():
        return Value(len(text), len(text), {})
    value = reader.value()
    if not reader.at_end():
        raise reader.error("text after the end of the value")
    return value


class Undo(Struct, frozen=True):
    """What `without` needs to restore the text before an edit byte for byte.

    `created` is the number of keys at the end of the path that the edit created. `inner` is what was between
    the brackets if the entry became the only member of its container; with `bare`, it is the whole text, in
    which there was no value.
    """

    created: int = 0
    inner: str = ""
    bare: bool = False


def with_entry(text: str, path: Sequence[str], value: Any) -> tuple[str, Undo]:
    """The text with `value` under a path of keys, instead of what is there now.

    Objects on the path that are missing are created. Raises MalformedJson, and UsageError if something on
    the path is no object.
    """
    found, missing = _reached(parse(text), path)
    if not missing:
        changed = _written(value, text, _column(text, found.start))
        return text[: found.start] + changed + text[found.end :], Undo()
    for key in reversed(missing[1:]):
        value = {key: value}
    return _inserted(text, found, missing[0], value, len(missing))


def value_at(text: str, path: Sequence[str]) -> Any:
    """The value under a path of keys. Returns None if there is none. Raises as `with_entry`."""
    found, missing = _reached(parse(text), path)
    return None if missing else found.plain


def with_item(text: str, path: Sequence[str], item: Any) -> tuple[str, Undo]:
    """The text with an item at the end of the list under a path of keys; a missing list is created."""
    found, missing = _reached(parse(text), path)
    if missing:
        return with_entry(text, path, [item])
    if not isinstance(found.plain, list):
        raise UsageError(f"{'.'.join(path)} is no list")
    return _inserted(text, found, None, item, 0)


def without(text: str, path: Sequence[str], undo: Undo, is_ours: Callable[[Any], bool] | None = None) -> str:
    """The text without the entry under a path, or with `is_ours` without these items of the list there.

    Objects and lists that the edit created go with their last member.
    """
    root = parse(text)
    created, inner = undo.created, undo.inner
    if is_ours is not None:
        found, missing = _reached(root, path)
        ours = [] if missing else [n for n, one in enumerate(found.members) if is_ours(one.value.plain)]
        if not ours:
            return text
        if not created or len(ours) < len(found.members):
            for nth in reversed(ours):
                text = _removed(text, _reached(parse(text), path)[0], nth, inner)
            return text
    while True:
        container, missing = _reached(root, path[:-1])
        number = None if missing else container.number(path[-1])
        if number is None:
            return text
        if created <= 1 or len(container.members) > 1:
            break
        path, created = path[:-1], created - 1
    text = _removed(text, container, number, inner)
    return inner if undo.bare and parse(text).plain == {} else text


def plain(text: str) -> Any:
    """What `json` would read from the text without its comments."""
    return parse(text).plain


class _Reader:
    """Reads a text from its start. Duplicate keys are refused, because an edit could change the wrong one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def at_end(self) -> bool:
        self._skip_space()
        return self._at == len(self._text)

    def error(self, what: str) -> MalformedJson:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - (self._text.rfind("\n", 0, self._at) + 1) + 1
        return MalformedJson(f"line {line}, column {column}: {what}")

    def value(self) -> Value:
        start, token = self._next()
        if token in "{[":
            return self._container(start, closing="}" if token == "{" else "]")
        if token in "]}:,":
            self._at = start
            raise self.error(f"{token!r} instead of a value")
        return Value(start, self._at, self._read(token))

    def _container(self, start: int, closing: str) -> Value:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.error("nested too deeply")
        found = Value(start)
        found.members.extend(self._members(closing))
        self._depth -= 1
        found.end = self._at
        values = [member.value.plain for member in found.members]
        keys = [member.key for member in found.members]
        if closing == "}" and len(set(keys)) < len(keys):
            raise self.error("an object with the same key twice")
        found.plain = dict(zip(keys, values, strict=True)) if closing == "}" else values
        return found

    def _members(self, closing: str) -> Iterator[Member]:
        while self._peek() != closing:
            start, key = self._at, None
            if closing == "}":
                start, token = self._next()
                if token[0] != '"':
                    self._at = start
                    raise self.error(f"{token!r} instead of a key in quotes")
                key = self._read(token)
                self._expect(":")
            value = self.value()
            yield Member(value.start if key is None else start, key, value)
            if self._peek() != closing:
                self._expect(",")
        self._expect(closing)

    def _read(self, token: str) -> Any:
        try:
            return json.loads(token)
        except ValueError as error:
            raise self.error(f"{token[:40]}: {error}") from error

    def _expect(self, wanted: str) -> None:
        start, token = self._next()
        if token != wanted:
            self._at = start
            raise self.error(f"{token[:40]!r} instead of {wanted!r}")

    def _peek(self) -> str:
        self._skip_space()
        return self._text[self._at : self._at + 1]

    def _next(self) -> tuple[int, str]:
        self._skip_space()
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            rest = self._text[self._at : self._at + 20]
            raise self.error(f"unexpected {rest.splitlines()[0]!r}" if rest else "the text ends too early")
        self._at = found.end()
        return found.start(), found[0]

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()


def _reached(value: Value, path: Sequence[str]) -> tuple[Value, Sequence[str]]:
    """The last value that exists on a path, and the rest of the path."""
    for at, key in enumerate(path):
        if not isinstance(value.plain, dict):
            where = ".".join(path[:at])
            raise UsageError(f"{where} is no object" if where else "the file holds no object")
        number = value.number(key)
        if number is None:
            return value, path[at:]
        value = value.members[number].value
    return value, ()


def _inserted(text: str, container: Value, key: Key, value: Any, created: int) -> tuple[str, Undo]:
    """The text with a new last member of a container."""
    newline = _newline(text)
    if container.start == container.end:
        lead = newline if text and not text.endswith("\n") else ""
        return text + lead + _written({key: value}, text, "") + newline, Undo(created, text, bare=True)
    name = "" if key is None else json.dumps(key) + ": "
    outer = _column(text, container.start)
    if not container.members:
        inner = text[container.start + 1 : container.end - 1]
        comments = inner.rstrip()
        tail = inner[len(comments) :]
        column = outer + _unit(text)
        added = newline + column + name + _written(value, text, column)
        between = comments + added + (tail if "\n" in tail else newline + outer)
        whole = text[: container.start + 1] + between + text[container.end - 1 :]
        return whole, Undo(created, inner)
    last = container.members[-1]
    column = _column(text, last.start)
    end = last.value.end
    after = _comma_after(text, end)
    at = _after_comment(text, end if after is None else after)
    is_one_line = "\n" not in text[container.start : last.start] and "//" not in text[end:at]
    added = (" " if is_one_line else newline + column) + name + _written(value, text, column)
    if after is not None:  # the file has a comma after each last member
        return text[:at] + added + "," + text[at:], Undo(created)
    return text[:end] + "," + text[end:at] + added + text[at:], Undo(created)


def _removed(text: str, container: Value, number: int, inner: str) -> str:
    """The text without a member, its comma and the space before it.

    If the container has no other member and no comment that `inner` lacks, its content is `inner`.
    """
    member = container.members[number]
    after = _comma_after(text, member.value.end)
    end = member.value.end if after is None else after
    start = len(text[: member.start].rstrip())
    if len(container.members) == 1:
        before, behind = text[container.start + 1 : start], text[end : container.end - 1]
        kept = inner if not behind.strip() and inner.rstrip() == before else before + behind
        return text[: container.start + 1] + kept + text[container.end - 1 :]
    if after is not None:
        return text[:start] + text[end:]
    comma = _comma_after(text, container.members[number - 1].value.end)
    assert comma is not None
    return text[: comma - 1] + text[comma:start] + text[end:]


def _comma_after(text: str, end: int) -> int | None:
    """The place after the comma that follows a value, or None if there is none."""
    found = _SPACE.match(text, end)
    assert found is not None
    return found.end() + 1 if text[found.end() : found.end() + 1] == "," else None


def _after_comment(text: str, at: int) -> int:
    """The place after a comment that follows in the same line, which belongs to what is before it."""
    found = _COMMENT.match(text, at)
    return found.end() if found else at


def _written(value: Any, text: str, column: str) -> str:
    """A value as text whose lines after the first are indented by `column` at least."""
    unit = _unit(text)
    return json.dumps(value, indent=unit, ensure_ascii=False).replace("\n", _newline(text) + column)


def _column(text: str, at: int) -> str:
    """The indentation of the line of a place."""
    found = _INDENT.match(text, text.rfind("\n", 0, at) + 1)
    assert found is not None
    return found[0]


def _unit(text: str) -> str:
    """The indentation of the first indented line, or two spaces."""
    found = _INDENTED.search(text)
    return found[1] if found else "  "


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
