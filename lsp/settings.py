"""The client's settings: the default values, and the validation of the values that the client sends."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from indexer.settings import declared, setting
from retrieval.config import DEFAULT_UNTIL, UNTIL

SECTION = "cornea"
"""The section of the client's settings that contains the settings of Cornea."""

ELSEWHERE = "indentation"
"""A setting that `lsp.indentation` requests separately."""

ALL = "all"
"""The word that stands for every language in a list of languages."""


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """The settings that a user can change in the editor."""

    inline: bool = setting("inlineCompletion", True, "ghost text", name="enabled")
    completion: bool = setting("completion", True, "items at the end of the completion list", name="enabled")
    completion_limit: int = setting("completion", 3, "maximum number of items", minimum=1, maximum=20)
    until: str = setting("suggest", DEFAULT_UNTIL, "where a suggestion ends", choices=UNTIL)
    search_limit: int = setting("search", 30, "maximum number of search results", minimum=1, maximum=200)
    locate_limit: int = setting(
        "locate", 10, "maximum number of functions for an issue", minimum=1, maximum=100
    )
    symbols: tuple[str, ...] = setting(
        "documentSymbols",
        ("bash", "sql"),
        f'languages whose files have an outline of symbols; ["{ALL}"] for every language',
        name="languages",
    )
    navigation: tuple[str, ...] = setting(
        "navigation",
        ("bash", "sql"),
        f'languages with definitions, references and a call hierarchy; ["{ALL}"] for every language',
        name="languages",
    )
    index: bool = setting(
        "index", True, "index opened folders at once; otherwise the first request does", name="automatic"
    )

    def lists_symbols_of(self, language: str) -> bool:
        """Whether to list the symbols of documents in a language."""
        return ALL in self.symbols or language in self.symbols

    def navigates(self, language: str) -> bool:
        """Whether to answer where a name of a language is defined and called."""
        return ALL in self.navigation or language in self.navigation

    def by_key(self) -> dict[str, Any]:
        """The values by the keys that the client knows."""
        return {one.key: getattr(self, name) for name, one in declared(EditorSettings).items()}


_SETTINGS = {one.key: (name, one) for name, one in declared(EditorSettings).items()}
"""The name of the field and the declaration of each setting, by key."""


def read(data: Any, before: EditorSettings) -> tuple[EditorSettings, list[str]]:
    """The settings in a client's JSON, applied to `before`, and an error message for each invalid setting.

    Invalid and missing settings keep their values. Settings may be nested objects or names with dots. An
    empty list counts as an empty object, because Lua does not distinguish empty lists from empty objects.
    """
    what = "settings"
    if isinstance(data, Mapping) and set(data) == {SECTION}:
        what, data = SECTION, data[SECTION]
    if data is None or data == []:
        return before, []
    if not isinstance(data, Mapping):
        return before, [f"{what}: expected an object, not {_shown(data)}"]
    good: dict[str, Any] = {}
    wrong: list[str] = []
    for key, value in _flat(data):
        problem = _problem(key, value)
        if problem:
            wrong.append(f"{SECTION}.{key}: {problem}")
        elif value is not None:
            good[_SETTINGS[key][0]] = _languages(value) if isinstance(value, list) else value
    return replace(before, **good), wrong


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        key = f"{above}{name}"
        if key.partition(".")[0] == ELSEWHERE:
            continue
        if isinstance(value, Mapping) and key not in _SETTINGS:
            if above.count(".") < 3:
                yield from _flat(value, f"{key}.")
        else:
            yield key, value


def _problem(key: str, value: Any) -> str:
    if key not in _SETTINGS:
        close = difflib.get_close_matches(key, _SETTINGS, 1)
        return "no such setting; " + (
            f"did you mean {close[0]}?" if close else f"one of: {', '.join(_SETTINGS)}"
        )
    _, one = _SETTINGS[key]
    if value is None:
        return ""
    if one.typed(value) is None:
        return f"expected {one.kind}, not {_shown(value)}"
    if isinstance(value, list):
        return _wrong_language(value)
    low, high = one.minimum, one.maximum
    if low is not None and high is not None and not low <= value <= high:
        return f"{value} is not a number from {low} to {high}"
    if one.choices and value not in one.choices:
        return f"{_shown(value)} is not one of: {', '.join(one.choices)}"
    return ""


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


def _shown(value: Any) -> str:
    return repr(value)[:40]
