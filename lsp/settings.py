"""The client's settings: a value with defaults that need no settings at all, and what is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

SECTION = "cornea"
"""The name that clients keep our settings under."""

ELSEWHERE = "indentation"
"""A setting that is asked for by itself: `lsp.indentation`."""

ALL = "all"
"""Stands for every language in a list of languages."""

UNTIL = ("statement", "block", "function")


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """What a user may choose in the editor. Each field's name in the client is in KEYS."""

    inline: bool = True
    completion: bool = True
    completion_limit: int = 3
    until: str = "block"
    search_limit: int = 30
    locate_limit: int = 10
    symbols: tuple[str, ...] = ("bash", "sql")
    index: bool = True

    def lists_symbols_of(self, language: str) -> bool:
        """Whether documents of a language have their symbols listed."""
        return ALL in self.symbols or language in self.symbols


KEYS: Mapping[str, tuple[str, str]] = {
    "inlineCompletion.enabled": ("inline", "ghost text"),
    "completion.enabled": ("completion", "items at the end of the completion list"),
    "completion.limit": ("completion_limit", "so many items (1 to 20)"),
    "suggest.until": ("until", "how far a suggestion goes: " + ", ".join(UNTIL)),
    "search.limit": ("search_limit", "so many answers to a search (1 to 200)"),
    "locate.limit": ("locate_limit", "so many functions for an issue (1 to 100)"),
    "documentSymbols.languages": (
        "symbols",
        f'languages whose files have an outline of symbols; ["{ALL}"] for every language',
    ),
    "index.automatic": ("index", "index what is opened; if not, the first question does"),
}
"""EditorSettings as clients write them -> our field, and what it is."""

_RANGES: Mapping[str, tuple[int, int]] = {
    "completion_limit": (1, 20),
    "search_limit": (1, 200),
    "locate_limit": (1, 100),
}
_TYPES: Mapping[str, type] = {field.name: type(field.default) for field in fields(EditorSettings)}


def read(data: Any, before: EditorSettings) -> tuple[EditorSettings, list[str]]:
    """The settings of a client's JSON over those of `before`, and a line for each that is wrong.

    What is wrong stays as it was; what is missing, too. They may be nested, or have dots in their names.
    An empty list is an empty object: Lua has one thing for both.
    """
    if data is None or data == []:
        return before, []
    if not isinstance(data, Mapping):
        return before, [f"settings: an object is expected, not {_shown(data)}"]
    whole = data.get(SECTION, data) if set(data) <= {SECTION} else data
    if whole is None or whole == []:
        return before, []
    if not isinstance(whole, Mapping):
        return before, [f"{SECTION}: an object is expected, not {_shown(whole)}"]
    good: dict[str, Any] = {}
    wrong: list[str] = []
    for key, value in _flat(whole):
        problem = _problem(key, value)
        if problem:
            wrong.append(f"{SECTION}.{key}: {problem}")
        elif value is not None:
            good[KEYS[key][0]] = _languages(value) if isinstance(value, list) else value
    return replace(before, **good), wrong


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        key = f"{above}{name}"
        if key.partition(".")[0] == ELSEWHERE:
            continue
        if isinstance(value, Mapping) and key not in KEYS:
            if above.count(".") < 3:
                yield from _flat(value, f"{key}.")
        else:
            yield key, value


def _problem(key: str, value: Any) -> str:
    if key not in KEYS:
        close = difflib.get_close_matches(key, KEYS, 1)
        return f"no such setting; did you mean {close[0]}?" if close else f"no such setting; {_known()}"
    name = KEYS[key][0]
    if value is None:
        return ""
    if not _is(value, _TYPES[name]):
        return f"{_NAMED[_TYPES[name]]} is expected, not {_shown(value)}"
    if isinstance(value, list):
        return _wrong_language(value)
    if name in _RANGES:
        low, high = _RANGES[name]
        if not low <= value <= high:
            return f"{value} is not from {low} to {high}"
    if name == "until" and value not in UNTIL:
        return f"{_shown(value)} is none of: {', '.join(UNTIL)}"
    return ""


def _is(value: Any, kind: type) -> bool:
    """Whether a value is of a type itself: true is no number. JSON's list stands for a tuple of texts."""
    if kind is tuple:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return type(value) is kind


def _languages(words: list[str]) -> tuple[str, ...]:
    return tuple(ALL if word == ALL else _language(word) for word in words)


def _wrong_language(words: list[str]) -> str:
    wrong = next((word for word in words if word != ALL and not _language(word)), None)
    return "" if wrong is None else f"{_shown(wrong)} is no language with a grammar"


def _language(word: str) -> str:
    """A language's own name (`ts` is typescript); "" for what is none that has a grammar."""
    from indexer.parsing.languages import BY_NAME, named

    found = BY_NAME.get(named(word.lower()) or "")
    return found.name if found and (found.scripts or not found.textual) else ""


_NAMED = {bool: "true or false", int: "a whole number", str: "a text", tuple: "a list of texts"}


def _known() -> str:
    return f"one of: {', '.join(KEYS)}"


def _shown(value: Any) -> str:
    return repr(value)[:40]
