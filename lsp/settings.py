"""The client's settings: the default values, and the validation of the values that the client sends."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from retrieval.config import UNTIL

SECTION = "cornea"
"""The section of the client's settings that contains the settings of Cornea."""

ELSEWHERE = "indentation"
"""A setting that `lsp.indentation` requests separately."""

ALL = "all"
"""The word that stands for every language in a list of languages."""


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """The settings that a user can change in the editor. KEYS has the name of each field in the client."""

    inline: bool = True
    completion: bool = True
    completion_limit: int = 3
    until: str = "block"
    search_limit: int = 30
    locate_limit: int = 10
    symbols: tuple[str, ...] = ("bash", "sql")
    index: bool = True

    def lists_symbols_of(self, language: str) -> bool:
        """Whether to list the symbols of documents in a language."""
        return ALL in self.symbols or language in self.symbols


KEYS: Mapping[str, tuple[str, str]] = {
    "inlineCompletion.enabled": ("inline", "ghost text"),
    "completion.enabled": ("completion", "items at the end of the completion list"),
    "completion.limit": ("completion_limit", "maximum number of items (1 to 20)"),
    "suggest.until": ("until", "where a suggestion ends: " + ", ".join(UNTIL)),
    "search.limit": ("search_limit", "maximum number of search results (1 to 200)"),
    "locate.limit": ("locate_limit", "maximum number of functions for an issue (1 to 100)"),
    "documentSymbols.languages": (
        "symbols",
        f'languages whose files have an outline of symbols; ["{ALL}"] for every language',
    ),
    "index.automatic": ("index", "index opened folders at once; otherwise the first request does"),
}
"""Maps the name of a setting in the client to a field of EditorSettings and a description."""

_RANGES: Mapping[str, tuple[int, int]] = {
    "completion_limit": (1, 20),
    "search_limit": (1, 200),
    "locate_limit": (1, 100),
}
_TYPES: Mapping[str, type] = {field.name: type(field.default) for field in fields(EditorSettings)}


def read(data: Any, before: EditorSettings) -> tuple[EditorSettings, list[str]]:
    """The settings in a client's JSON, applied to `before`, and an error message for each invalid setting.

    Invalid and missing settings keep their values. Settings may be nested objects or names with dots. An
    empty list counts as an empty object, because Lua does not distinguish empty lists from empty objects.
    """
    if data is None or data == []:
        return before, []
    if not isinstance(data, Mapping):
        return before, [f"settings: expected an object, not {_shown(data)}"]
    whole = data.get(SECTION, data) if set(data) <= {SECTION} else data
    if whole is None or whole == []:
        return before, []
    if not isinstance(whole, Mapping):
        return before, [f"{SECTION}: expected an object, not {_shown(whole)}"]
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
        return "no such setting; " + (f"did you mean {close[0]}?" if close else f"one of: {', '.join(KEYS)}")
    name = KEYS[key][0]
    if value is None:
        return ""
    if not _is(value, _TYPES[name]):
        return f"expected {_NAMED[_TYPES[name]]}, not {_shown(value)}"
    if isinstance(value, list):
        return _wrong_language(value)
    if name in _RANGES:
        low, high = _RANGES[name]
        if not low <= value <= high:
            return f"{value} is not a number from {low} to {high}"
    if name == "until" and value not in UNTIL:
        return f"{_shown(value)} is not one of: {', '.join(UNTIL)}"
    return ""


def _is(value: Any, kind: type) -> bool:
    """Whether a value has exactly this type; true is not a number. A list of strings counts as a tuple."""
    if kind is tuple:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return type(value) is kind


def _languages(words: list[str]) -> tuple[str, ...]:
    return tuple(ALL if word == ALL else _language(word) for word in words)


def _wrong_language(words: list[str]) -> str:
    wrong = next((word for word in words if word != ALL and not _language(word)), None)
    return "" if wrong is None else f"{_shown(wrong)} is not a language with a grammar"


def _language(word: str) -> str:
    """The name of a language in the index, such as typescript for `ts`.

    Returns "" if there is no such language with a grammar.
    """
    from indexer.parsing.languages import BY_NAME, named

    found = BY_NAME.get(named(word.lower()) or "")
    return found.name if found and (found.scripts or not found.textual) else ""


_NAMED = {bool: "true or false", int: "a whole number", str: "a string", tuple: "a list of strings"}


def _shown(value: Any) -> str:
    return repr(value)[:40]
