"""The files in agents/ name only what Cornea has: commands, options, tools, versions."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import cornea
from cornea.agents.hosts import HOSTS, ConfigEntry, UserEnvironment
from cornea.cli import cli
from indexer.extras import DISTRIBUTION, requirements
from mcp_server.arguments import SearchToolArguments
from mcp_server.related import RELATIONS
from mcp_server.tools import TOOLS

FOLDER = Path(cornea.__file__).parents[1] / "agents"
_PROSE = ("SKILL.md", "AGENTS.md")


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def _commands(name: str) -> Iterator[list[str]]:
    """The words of the commands in a text, without `cornea`."""
    for found in re.findall(r"`cornea ([^`]+)`", (FOLDER / name).read_text("utf-8")):
        yield shlex.split(found)


def _check(words: list[str]) -> None:
    """Fails if a command or one of its options does not exist."""
    context = click.Context(cli)
    command = cli.get_command(context, words[0])
    assert command is not None, words
    known = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in words[1:] if word.startswith("-") and word not in known] == []


@pytest.mark.parametrize("name", _PROSE)
def test_commands_in_prose(name: str) -> None:
    found = list(_commands(name))
    assert found
    for words in found:
        _check(words)


@pytest.mark.parametrize("name", _PROSE)
def test_tools_in_prose(name: str) -> None:
    """All the tools, and of their kinds only those that there are."""
    text = (FOLDER / name).read_text("utf-8")
    assert set(TOOLS) <= set(re.findall(r"`(\w+)`", text))
    assert set(re.findall(r"kind `([\w-]+)`", text)) <= RELATIONS.keys()
    for argument in set(re.findall(r"by `(\w+)`", text)):
        assert argument in SearchToolArguments.__struct_fields__


def test_servers_and_hooks() -> None:
    """They start commands that exist, as `cornea install` configures them for Claude Code."""
    (server,) = _read(".mcp.json")["mcpServers"].values()
    (language_server,) = _read(".lsp.json").values()
    for one in (server, language_server):
        assert one["command"] == "cornea"
        _check(one["args"])
    around = UserEnvironment(Path("/home/ada"), {"PATH": ""}, "linux", ("cornea",))
    entries = [one for one in HOSTS["claude"].changes(around) if isinstance(one, ConfigEntry)]
    assert server == entries[0].value | {"alwaysLoad": True}
    assert _read("hooks/hooks.json")["hooks"]["PostToolUse"] == [entries[1].value]
    for hook in entries[1].value["hooks"]:
        _check(shlex.split(hook["command"])[1:])


def test_the_entry_of_a_registry() -> None:
    entry = _read("server.json")
    (package,) = entry["packages"]
    assert package["identifier"] == DISTRIBUTION
    assert entry["version"] == package["version"] == cornea.__version__
    assert len(entry["description"]) <= 100
    values = [one["value"] for one in package["runtimeArguments"]]
    bounds = {part for one in requirements("mcp") for part in re.findall(r"[<>=]+[\d.]+", one)}
    assert bounds <= set(re.findall(r"[<>=]+[\d.]+", values[0]))
    assert values[-1] == "cornea"
    _check([one["value"] for one in package["packageArguments"]])


def test_the_manifest() -> None:
    """The skill is at the top, where a plugin without a folder of skills has it."""
    manifest = _read(".claude-plugin/plugin.json")
    assert (manifest["name"], manifest["version"]) == ("cornea", cornea.__version__)
    head = (FOLDER / "SKILL.md").read_text("utf-8").split("---")[1]
    assert re.search(r"^name: cornea$", head, re.MULTILINE)
