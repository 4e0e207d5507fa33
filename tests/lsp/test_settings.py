"""Settings: what is taken and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from lsp.settings import EditorSettings, read


@pytest.mark.parametrize(
    "data",
    [
        {"completion": {"limit": 5}},
        {"completion.limit": 5},
        {"cornea": {"completion": {"limit": 5}}},
        {"completion": {"limit": 5, "enabled": None}},
    ],
)
def test_forms(data: dict[str, Any]) -> None:
    """Nested or with dots, with our name above or without."""
    assert read(data, EditorSettings()) == (EditorSettings(completion_limit=5), [])


def test_none_are_needed() -> None:
    """A client that has none says nothing, null, or what Lua makes of an empty table."""
    before = EditorSettings(inline=False)
    for nothing in (None, {}, [], {"cornea": {}}, {"cornea": []}, {"cornea": None}):
        assert read(nothing, before) == (before, [])
    assert read([1], before) == (before, ["settings: expected an object, not [1]"])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (3, "expected an object, not 3"),
        ({"cornea": 3}, "expected an object, not 3"),
        ({"completion": {"limit": True}}, "cornea.completion.limit: expected a whole number, not True"),
        ({"completion": {"limit": 0}}, "0 is not a number from 1 to 20"),
        ({"completion": {"limits": 1}}, "did you mean completion.limit?"),
        ({"suggest": {"until": "end"}}, "'end' is not one of: statement, block, function"),
        ({"documentSymbols": {"languages": "sql"}}, "expected a list of strings, not 'sql'"),
        ({"documentSymbols": {"languages": ["sql", 3]}}, "expected a list of strings, not ['sql', 3]"),
        ({"documentSymbols": {"languages": ["sql", "sqk"]}}, "'sqk' is not a language with a grammar"),
        ({"documentSymbols": {"languages": ["json"]}}, "'json' is not a language with a grammar"),
        ({"inlineCompletion": {"enabled": "yes"}}, "expected true or false, not 'yes'"),
        ({"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, None),
    ],
)
def test_what_is_wrong_stays_as_it_was(data: Any, said: str | None) -> None:
    """And a line says so; what is right beside it counts."""
    settings, wrong = read(data, EditorSettings())
    assert settings == EditorSettings()
    assert (said is None) == (wrong == [])
    assert said is None or said in wrong[0]
    if isinstance(data, dict) and "cornea" not in data:
        assert read({**data, "search": {"limit": 9}}, EditorSettings())[0] == EditorSettings(search_limit=9)


def test_languages() -> None:
    """By the index's names, whatever people call them; an empty list is none."""
    named = read({"documentSymbols": {"languages": ["SQL", "ts", "Bash"]}}, EditorSettings())
    assert named == (EditorSettings(symbols=("sql", "typescript", "bash")), [])
    none, _ = read({"documentSymbols": {"languages": []}}, EditorSettings())
    assert not none.lists_symbols_of("sql")
    every, _ = read({"documentSymbols.languages": ["all"]}, EditorSettings())
    assert every.lists_symbols_of("python")


def test_the_status_has_them_by_key() -> None:
    """The keys are those of the client, not the names of our fields."""
    shown = EditorSettings(completion_limit=5).by_key()
    assert list(shown) == [
        "inlineCompletion.enabled",
        "completion.enabled",
        "completion.limit",
        "suggest.until",
        "search.limit",
        "locate.limit",
        "documentSymbols.languages",
        "navigation.languages",
        "index.automatic",
    ]
    assert (shown["completion.limit"], shown["suggest.until"]) == (5, "block")
