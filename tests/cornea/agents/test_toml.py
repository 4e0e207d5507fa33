"""A table is added at the end of a TOML file, and taken away again byte for byte."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cornea.agents.toml import MalformedToml, plain, with_table, without_table
from indexer.errors import UsageError

PATH = ("mcp_servers", "cornea")
VALUES = {"command": 'C:\\a "b"', "args": ["mcp", "ü"]}

BLOCKS = st.sampled_from(
    [
        'model = "o3"\n',
        "# a comment\n",
        "\n",
        "[mcp_servers.other]\ncommand = 'x'\nargs = [\n  '[a]',\n]\n",
        "[profiles.a]\nx = 1 # note\n\n",
        '["mcp_servers".quoted]\ny = """\n[not a table]\n"""\n',
        "[[list]]\na = 1\n[[list]]\na = 2\n",
        "[mcp_servers]\n",
    ]
)


@given(st.lists(BLOCKS, max_size=5), st.booleans(), st.booleans())
@example([], False, False)
def test_a_table_and_back(blocks: list[str], is_windows: bool, ends: bool) -> None:
    """The table is what a reader finds; without it, the bytes are those of before."""
    text = "".join(blocks)
    text = text if ends else text.rstrip("\n")
    text = text.replace("\n", "\r\n") if is_windows else text
    try:
        before = plain(text)
    except MalformedToml:  # a table twice, or a value after a table of another block
        with pytest.raises(MalformedToml):
            with_table(text, PATH, VALUES)
        return
    changed, lead = with_table(text, PATH, VALUES)
    assert plain(changed) == before | {"mcp_servers": before.get("mcp_servers", {}) | {"cornea": VALUES}}
    assert without_table(changed, PATH, lead) == text
    again, _ = with_table(changed, PATH, VALUES)
    assert plain(again) == plain(changed)


def test_what_came_later_stays() -> None:
    """Other tables and comments; tables below ours go with it."""
    changed, lead = with_table('model = "a"\n', PATH, {"command": "c"})
    later = (
        changed + "\n[mcp_servers.cornea.tools.search]\napproval = 'auto'\n\n# mine\n[mcp_servers.b]\nx = 1\n"
    )
    left = without_table(later, PATH, lead)
    assert tomllib.loads(left) == {"model": "a", "mcp_servers": {"b": {"x": 1}}}
    assert "# mine\n[mcp_servers.b]" in left
    assert without_table("a = 1\n", PATH, "") == "a = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        'mcp_servers = { a = { command = "x" } }\n',
        'mcp_servers = "none"\n',
        '[mcp_servers]\ncornea = { command = "x" }\n',
        '[mcp_servers]\n"cornea".command = "x"\n',
    ],
)
def test_what_cannot_be_edited_is_refused(text: str) -> None:
    """An inline table cannot be added to without writing it again."""
    with pytest.raises(UsageError, match=r"cannot be edited safely|is no table"):
        with_table(text, PATH, VALUES)


def test_malformed() -> None:
    """The place and what is wrong."""
    with pytest.raises(MalformedToml, match="Invalid value"):
        with_table("a = ", PATH, VALUES)
    with pytest.raises(MalformedToml, match="digits"):
        with_table(f"a = {'9' * 4_301}\n", PATH, VALUES)
