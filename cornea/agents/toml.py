"""Adds a table at the end of a TOML file, and removes it; every other byte stays as it is."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from indexer.errors import UsageError

_HEADER = re.compile(r"^[ \t]*\[([^\[\]\n]+)\][ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_NEXT = re.compile(r"^[ \t]*\[", re.MULTILINE)
_TRAILING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|$))*\Z")


class MalformedToml(UsageError):
    """The text is not TOML. The message has the line and the column."""


def with_table(text: str, path: Sequence[str], values: Mapping[str, str | Sequence[str]]) -> tuple[str, str]:
    """The text with a table of strings and lists of strings, instead of what is there under this path.

    Also returns what was put before the table, which `without_table` takes away again. Raises MalformedToml,
    and UsageError if the file is written so that a table cannot be added.
    """
    if _has(plain(text), path):
        text = without_table(text, path, "")
    wanted = copy.deepcopy(plain(text))
    inner = wanted
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
        if not isinstance(inner, dict):
            raise UsageError(f"{'.'.join(path[:-1])} is no table")
    inner[path[-1]] = {key: value if isinstance(value, str) else list(value) for key, value in values.items()}
    newline = "\r\n" if "\r\n" in text else "\n"
    lead = newline * (1 if text.endswith("\n") else 2) if text else ""
    # JSON's strings and lists of strings are TOML's, too.
    rows = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    changed = text + lead + newline.join([f"[{'.'.join(path)}]", *rows, ""])
    return _checked(changed, wanted), lead


def value_at(text: str, path: Sequence[str]) -> Any:
    """The value under a path of keys. Returns None if there is none. Raises MalformedToml."""
    table = plain(text)
    return _at(table, path) if _has(table, path) else None


def without_table(text: str, path: Sequence[str], lead: str) -> str:
    """The text without the table under a path and without the tables below it.

    `lead` is what `with_table` put before it. Raises MalformedToml, and UsageError if the file is written so
    that the table cannot be told from what is around it.
    """
    wanted = copy.deepcopy(plain(text))
    if not _has(wanted, path):
        return text
    inner = wanted
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    while (part := _section(text, path)) is not None:
        start, end = part
        if lead and text[:start].endswith(lead):
            start -= len(lead)
        text = text[:start] + text[end:]
    left = plain(text)
    for depth in range(len(path) - 1, 0, -1):  # a table that only our header made is gone with it
        if not _has(left, path[:depth]) and _at(wanted, path[:depth]) == {}:
            del _at(wanted, path[: depth - 1])[path[depth - 1]]
    return _checked(text, wanted)


def plain(text: str) -> dict[str, Any]:
    """What the text says. Raises MalformedToml."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:  # ValueError: a number with more digits than Python reads
        raise MalformedToml(str(error) or "nested too deeply") from error


def _section(text: str, path: Sequence[str]) -> tuple[int, int] | None:
    """The first part that is the table under a path or a table below it, without the comments after it."""
    for header in _HEADER.finditer(text):
        keys = [one.strip().strip("\"'") for one in header[1].split(".")]
        if keys[: len(path)] == list(path):
            following = _NEXT.search(text, header.end())
            body = text[header.end() : following.start() if following else len(text)]
            trailing = _TRAILING.search(body)
            kept = len(trailing[0]) if trailing else 0
            end = header.end() + len(body) - kept
            rest = re.compile(r"\r?\n").match(text, end)
            return header.start(), rest.end() if rest else end
    return None


def _has(table: Any, path: Sequence[str]) -> bool:
    for key in path:
        if not isinstance(table, dict) or key not in table:
            return False
        table = table[key]
    return True


def _at(table: Any, path: Sequence[str]) -> Any:
    for key in path:
        table = table[key]
    return table


def _checked(text: str, wanted: Mapping[str, Any]) -> str:
    try:
        is_right = plain(text) == wanted
    except MalformedToml:
        is_right = False
    if not is_right:
        raise UsageError("the file is written in a way that cannot be edited safely")
    return text
