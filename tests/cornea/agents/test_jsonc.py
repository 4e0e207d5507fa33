"""Edits of JSON with comments change nothing else, and can be undone byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cornea.agents.jsonc import MalformedJson, Undo, parse, plain, with_entry, with_item, without
from indexer.errors import UsageError

ENTRY = {"command": "cornea", "args": ["mcp"]}
PATH = ("mcpServers", "cornea")

SPACE = st.sampled_from(
    ["", " ", "\n", "\n  ", "\t", "\r\n    ", " // a, note }\n", "/* [ */", "\n/* x\n y */ "]
)
WORDS = st.sampled_from(["a", "b", "mcpServers", "hooks", "ü", 'with "quote"', "cornea-old"])
SCALARS = st.one_of(st.integers(-5, 5), st.booleans(), st.none(), WORDS, st.just(1.5e3))


@st.composite
def _values(draw: st.DrawFn, depth: int = 3) -> str:
    """The text of a value, with any space and comments in it."""
    kind = draw(st.sampled_from(["object", "list", "scalar"])) if depth else "scalar"
    if kind == "scalar":
        return json.dumps(draw(SCALARS), ensure_ascii=False)
    names = draw(st.lists(WORDS, unique=True, max_size=3))
    members = []
    for name in names:
        lead = draw(SPACE) + json.dumps(name) + draw(SPACE) + ":" if kind == "object" else ""
        members.append(lead + draw(SPACE) + draw(_values(depth=depth - 1)) + draw(SPACE))
    comma = "," if members and draw(st.booleans()) else ""
    inside = ",".join(members) + comma + draw(SPACE)
    return "{" + inside + "}" if kind == "object" else "[" + inside + "]"


@st.composite
def _files(draw: st.DrawFn) -> str:
    """The text of a file whose value is an object, or which has none."""
    names = draw(st.lists(WORDS, unique=True, max_size=3))
    members = [
        draw(SPACE) + json.dumps(name) + ":" + draw(SPACE) + draw(_values()) + draw(SPACE) for name in names
    ]
    comma = "," if members and draw(st.booleans()) else ""
    text = draw(SPACE) + "{" + ",".join(members) + comma + draw(SPACE) + "}" + draw(SPACE)
    return draw(st.sampled_from([text, text, text, draw(SPACE)]))


@given(_files())
@example("{}")
@example("{ }")
@example("{\n}\n")
@example("")
@example('{"mcpServers": {}}')
@example('{"mcpServers": {"a": 1} // note\n}')
@example('{\n  "mcpServers": {\n    "a": {}, // the first\n  },\n}\n')
def test_an_entry_and_back(text: str) -> None:
    """The entry is what a reader finds; all else is as it was; without it, the bytes are those of before."""
    before = plain(text)
    if not isinstance(before.get("mcpServers", {}), dict):
        with pytest.raises(UsageError, match="mcpServers is no object"):
            with_entry(text, PATH, ENTRY)
        return
    changed, undo = with_entry(text, PATH, ENTRY)
    wanted = before | {"mcpServers": before.get("mcpServers", {}) | {"cornea": ENTRY}}
    assert plain(changed) == wanted
    assert without(changed, PATH, undo) == text
    again, _ = with_entry(changed, PATH, ENTRY)
    assert plain(again) == wanted


@given(_files())
@example('{"hooks": {"PostToolUse": []}}')
@example('{"hooks": {"PostToolUse": [ ]}}')
@example('{"hooks": {"PostToolUse": [\n{"matcher": "Edit"}\n]}}')
def test_an_item_and_back(text: str) -> None:
    """In a list that is there, or in one that is made."""
    before = plain(text)
    hooks = before.get("hooks", {})
    if not isinstance(hooks, dict):
        return
    item = {"matcher": "Grep", "hooks": [{"type": "command", "command": "cornea hook"}]}
    changed, undo = with_item(text, ("hooks", "PostToolUse"), item)
    assert plain(changed)["hooks"]["PostToolUse"] == [*hooks.get("PostToolUse", []), item]
    assert without(changed, ("hooks", "PostToolUse"), undo, lambda one: one == item) == text


@given(_files(), st.data())
def test_what_changed_since_stays(text: str, data: st.DataObject) -> None:
    """Another entry that came after ours, or a file that the host wrote again."""
    try:
        changed, undo = with_entry(text, PATH, ENTRY)
    except UsageError:
        return
    later, _ = with_entry(changed, ("mcpServers", "later"), {"command": "x"})
    wanted = plain(later)
    del wanted["mcpServers"]["cornea"]
    rewritten = json.dumps(plain(later), indent=data.draw(st.sampled_from([None, 2, "\t"])))
    for now in (later, rewritten):
        assert plain(without(now, PATH, undo)) == wanted
    alone = json.dumps(plain(changed), indent=2)
    assert plain(without(alone, PATH, undo)) == plain(text)


def test_how_it_looks() -> None:
    """Indented as the file is, after the comment of the entry before."""
    text = '{\n    // mine\n    "mcpServers": {\n        "a": {"command": "a"} // works\n    }\n}\n'
    assert with_entry(text, PATH, ENTRY)[0] == (
        '{\n    // mine\n    "mcpServers": {\n        "a": {"command": "a"}, // works\n'
        '        "cornea": {\n            "command": "cornea",\n            "args": [\n'
        '                "mcp"\n            ]\n        }\n    }\n}\n'
    )
    assert with_entry("{}\n", ("a",), 1)[0] == '{\n  "a": 1\n}\n'


def test_a_file_without_ours() -> None:
    """Nothing to remove is no change."""
    for text in ("", "{}", '{"mcpServers": {"a": 1}}', '{"mcpServers": {}} // x'):
        assert without(text, PATH, Undo()) == text
        assert without(text, ("hooks", "x"), Undo(), lambda one: True) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1', "line 1, column 8: the text ends too early"),
        ('{\n  "a": 1\n  "b": 2}', r"line 3, column 3: '\"b\"' instead of ','"),
        ("{a: 1}", "line 1, column 2: unexpected"),
        ('{"a": 1} x', "line 1, column 10: text after the end"),
        ('{"a": 1, "a": 2}', "an object with the same key twice"),
        ('{"a": "\n"}', "line 1, column 7: unexpected"),
        ("/* open", "line 1, column 1: unexpected"),
        ('{"a": ]}', r"']' instead of a value"),
        ("[" * 5000, "nested too deeply"),
        ('{"a": 01}', r"'1' instead of ','"),
        ('{"a": "\\x"}', "Invalid"),
    ],
)
def test_malformed(text: str, message: str) -> None:
    """The place and what is wrong."""
    with pytest.raises(MalformedJson, match=message):
        parse(text)


@pytest.mark.parametrize("value", ["[]", "1", '"a"', "null"])
def test_no_object(value: Any) -> None:
    """There is no place for an entry."""
    with pytest.raises(UsageError, match="the file holds no object"):
        with_entry(value, PATH, ENTRY)
