"""Entries in real forms of eight agents' configurations: added, changed, and taken back byte for byte."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cornea.agents import files, installation
from cornea.agents.hosts import HOSTS, ConfigEntry, UserEnvironment
from cornea.agents.jsonc import plain
from indexer.errors import CorneaError

COMMAND = ("/opt/cornea/bin/cornea",)

CLAUDE = """{
  "numStartups": 12,
  "mcpServers": {
    "github": {
      "type": "http",
      "url": "https://api.example.org/mcp/"
    }
  },
  "projects": {
    "/home/ada/shop": { "allowedTools": [], "history": ["über"] }
  }
}"""
SETTINGS = """{
  "permissions": { "allow": ["Bash(git *)"] },
  "hooks": {
    "PostToolUse": [
      {
        "matcher": "Edit|Write",
        "hooks": [{ "type": "command", "command": "npx prettier --write" }]
      }
    ],
    "Stop": []
  }
}
"""
CODEX = """model = "gpt-5"
# my servers
[mcp_servers.docs]
command = "npx"
args = ["-y", "docs-mcp"]

[mcp_servers.docs.env]
KEY = 'x'

[profiles.fast]
model = "mini"
"""
VSCODE = """{
	// servers of mine
	"servers": {
		"github": { "type": "http", "url": "https://api.example.org/mcp/" }, // works
	},
	"inputs": []
}
"""
OPENCODE = """{
  "$schema": "https://example.org/config.json",
  /* local models */
  "provider": {},
  "mcp": {
    "a": { "type": "local", "command": ["a"], "enabled": false }
  }
}
"""
ZED = """// Zed settings
//
// For information on how to configure Zed, see the documentation
{
  "theme": { "mode": "system", "light": "One Light" },
  "vim_mode": true,
  "context_servers": {}
}
"""
FORMS: dict[str, dict[str, str]] = {
    "claude": {".claude.json": CLAUDE, ".claude/settings.json": SETTINGS},
    "codex": {".codex/config.toml": CODEX},
    "cursor": {".cursor/mcp.json": '{"mcpServers":{"a":{"url":"https://example.org"}}}'},
    "vscode": {".config/Code/User/mcp.json": VSCODE},
    "opencode": {".config/opencode/opencode.jsonc": OPENCODE},
    "gemini": {".gemini/settings.json": '{\r\n  "theme": "Default",\r\n  "mcpServers": {\r\n  }\r\n}\r\n'},
    "zed": {".config/zed/settings.json": ZED},
    "copilot": {".copilot/mcp-config.json": '{\n    "mcpServers": {}\n}'},
}
"""A configuration of each agent as it is found on people's machines."""


@pytest.fixture
def around(tmp_path: Path) -> UserEnvironment:
    return UserEnvironment(tmp_path / "user", {"PATH": ""}, "linux", COMMAND)


def _write(around: UserEnvironment, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        file = around.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def _tree(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def _values(around: UserEnvironment, name: str) -> Iterator[tuple[ConfigEntry, Any]]:
    """The entries of an agent, and what a reader finds under the path of each."""
    for change in HOSTS[name].changes(around):
        if isinstance(change, ConfigEntry):
            text = change.file.read_text("utf-8")
            value = tomllib.loads(text) if change.file.suffix == ".toml" else plain(text)
            for key in change.path:
                value = value[key]
            yield change, value


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.parametrize("form", ["missing", "empty", "filled", "no entries"])
def test_there_and_back(name: str, form: str, around: UserEnvironment, tmp_path: Path) -> None:
    """Each agent reads our entry beside its own; afterwards everything is as it was."""
    if form == "filled":
        _write(around, FORMS[name])
    elif form != "missing":
        text = "" if form == "empty" or name == "codex" else "{}\n"
        _write(around, dict.fromkeys(FORMS[name], text))
    around.home.mkdir(exist_ok=True)
    before = _tree(around.home)
    (outcome,) = installation.install([name], around, tmp_path / "records")
    assert not outcome.error
    assert outcome.files
    for change, value in _values(around, name):
        assert value[-1] == change.value if change.is_item else value == change.value
    (again,) = installation.install([name], around, tmp_path / "records")
    assert (again.files, again.error) == ([], outcome.error)
    (gone,) = installation.uninstall([name], around, tmp_path / "records")
    assert not gone.error
    assert sorted(gone.files) == sorted(outcome.files)
    assert _tree(around.home) == before
    assert not (tmp_path / "records" / files.RECORDS).exists()
    (nothing,) = installation.uninstall([name], around, tmp_path / "records")
    assert nothing.files == []


@pytest.mark.parametrize("name", HOSTS)
def test_malformed(name: str, around: UserEnvironment, tmp_path: Path) -> None:
    """It is refused with the file and the place, and not touched; nothing is left of the attempt."""
    _write(around, dict.fromkeys(FORMS[name], "{\n  broken"))
    before = _tree(around.home)
    for action in (installation.install, installation.uninstall):
        (outcome,) = action([name], around, tmp_path / "records")
        assert next(iter(FORMS[name])) in str(outcome.error)
        assert "the file was not changed" in str(outcome.error)
        assert _tree(around.home) == before


def test_one_that_fails_does_not_stop_the_others(around: UserEnvironment, tmp_path: Path) -> None:
    """Each has its own outcome."""
    _write(around, {".cursor/mcp.json": "[1]", **FORMS["zed"]})
    failed, done = installation.install(["cursor", "zed"], around, tmp_path)
    assert "the file holds no object" in str(failed.error)
    assert done.files


def test_what_the_user_did_since_stays(around: UserEnvironment, tmp_path: Path) -> None:
    """A server that was added later, and a file that the agent wrote again."""
    installation_of = around.home / ".claude.json"
    _write(around, FORMS["claude"])
    list(installation.install(["claude"], around, tmp_path))
    now = plain(installation_of.read_text())
    now["mcpServers"]["later"] = {"command": "x"}
    now["numStartups"] = 13
    installation_of.write_text(json.dumps(now))
    list(installation.uninstall(["claude"], around, tmp_path))
    left = json.loads(installation_of.read_text())
    assert left["mcpServers"].keys() == {"github", "later"}
    assert left["numStartups"] == 13
    assert (around.home / ".claude/settings.json").read_text() == SETTINGS


def test_another_installation_takes_its_place(around: UserEnvironment, tmp_path: Path) -> None:
    """The entry has the new command, once; what was there before the first comes back."""
    _write(around, FORMS["claude"])
    before = _tree(around.home)
    list(installation.install(["claude"], around, tmp_path))
    moved = UserEnvironment(around.home, around.environment, "linux", ("/new place/cornea",))
    list(installation.install(["claude"], moved, tmp_path))
    hooks = plain((around.home / ".claude/settings.json").read_text())["hooks"]["PostToolUse"]
    assert [one["hooks"][0]["command"] for one in hooks] == [
        "npx prettier --write",
        "'/new place/cornea' hook claude",
    ]
    list(installation.uninstall(["claude"], moved, tmp_path))
    assert _tree(around.home) == before


def test_without_records(around: UserEnvironment, tmp_path: Path) -> None:
    """Ours is found by its name; the rest stays."""
    _write(around, FORMS["codex"] | FORMS["claude"])
    list(installation.install(["codex", "claude"], around, tmp_path))
    (tmp_path / files.RECORDS).unlink()
    list(installation.uninstall(["codex", "claude"], around, tmp_path))
    assert tomllib.loads((around.home / ".codex/config.toml").read_text()) == tomllib.loads(CODEX)
    assert plain((around.home / ".claude.json").read_text()) == plain(CLAUDE)
    assert (around.home / ".claude/settings.json").read_text() == SETTINGS


def test_what_the_user_has_written_under_our_name_is_refused(around: UserEnvironment, tmp_path: Path) -> None:
    """It is neither replaced nor removed: an entry, a table, a file."""
    own = {
        "cursor": {
            ".cursor/mcp.json": '{"mcpServers": {"cornea": {"command": "mine", "args": ["--root", "/x"]}}}'
        },
        "codex": {".codex/config.toml": "[mcp_servers.cornea]\ncommand = 'mine'\nstartup_timeout_sec = 9\n"},
        "claude": {".claude/agents/cornea-search.md": "My own agent.\n"},
    }
    for name, texts in own.items():
        _write(around, texts)
        before = _tree(around.home)
        (outcome,) = installation.install([name], around, tmp_path)
        assert "is there already" in str(outcome.error)
        assert _tree(around.home) == before
        list(installation.uninstall([name], around, tmp_path))
        assert _tree(around.home) == before


def test_a_hook_of_the_user_beside_ours_stays(around: UserEnvironment, tmp_path: Path) -> None:
    """Also if it was added to the group that has ours."""
    list(installation.install(["claude"], around, tmp_path))
    file = around.home / ".claude/settings.json"
    now = plain(file.read_text())
    (group,) = now["hooks"]["PostToolUse"]
    group["hooks"].append({"type": "command", "command": "my-audit"})
    file.write_text(json.dumps(now))
    list(installation.uninstall(["claude"], around, tmp_path))
    assert "my-audit" in file.read_text()


def test_links_and_permissions(around: UserEnvironment, tmp_path: Path) -> None:
    """A configuration that is kept elsewhere is written there; who may read it stays."""
    kept = tmp_path / "dotfiles" / "mcp.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    kept.chmod(0o640)
    (around.home / ".cursor").mkdir(parents=True)
    (around.home / ".cursor/mcp.json").symlink_to(kept)
    list(installation.install(["cursor"], around, tmp_path))
    assert (around.home / ".cursor/mcp.json").is_symlink()
    assert "cornea" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    list(installation.uninstall(["cursor"], around, tmp_path))
    assert kept.read_text() == "{}"


def test_hostile_files(around: UserEnvironment, tmp_path: Path) -> None:
    """A folder, a link in a circle, and bytes that are no text: an error that names them."""
    folder = around.home / ".cursor"
    folder.mkdir(parents=True)
    file = folder / "mcp.json"
    file.mkdir()
    (outcome,) = installation.install(["cursor"], around, tmp_path)
    assert "mcp.json: not a regular file" in str(outcome.error)
    file.rmdir()
    file.symlink_to(file)
    (outcome,) = installation.install(["cursor"], around, tmp_path)
    assert "mcp.json" in str(outcome.error)
    file.unlink()
    file.write_bytes(b'{"a": "\xff"}')
    (outcome,) = installation.install(["cursor"], around, tmp_path)
    assert "mcp.json: not UTF-8" in str(outcome.error)


def test_paths_that_are_not_utf8(
    around: UserEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No configuration or record can hold one; the error names it, and nothing is written."""
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    elsewhere = replace(around, environment={"CODEX_HOME": folder})
    (outcome,) = installation.install(["codex"], elsewhere, tmp_path)
    assert "not UTF-8" in str(outcome.error)
    assert not Path(folder).exists()
    monkeypatch.setattr(installation, "own_command", lambda: (f"{folder}/cornea",))
    with pytest.raises(CorneaError, match="not UTF-8"):
        installation.surroundings()


def test_who_is_there(around: UserEnvironment) -> None:
    """By the folder of the configuration, or by the program."""
    assert installation.present(around) == []
    (around.home / ".config/zed").mkdir(parents=True)
    program = around.home / "bin" / "codex"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    found = UserEnvironment(around.home, {"PATH": str(program.parent)}, "linux", COMMAND)
    assert installation.present(found) == ["codex", "zed"]


@pytest.mark.parametrize(
    ("version", "loads"),
    [("2.1.120 (Claude Code)", False), ("2.1.121 (Claude Code)", True), ("what?", False)],
)
def test_the_version_decides(version: str, loads: bool, around: UserEnvironment) -> None:
    """`alwaysLoad` is for versions that know it."""
    program = around.home / "bin" / "claude"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    found = UserEnvironment(around.home, {"PATH": str(program.parent)}, "linux", COMMAND)
    first = HOSTS["claude"].changes(found)[0]
    assert isinstance(first, ConfigEntry)
    assert first.value.get("alwaysLoad", False) is loads
