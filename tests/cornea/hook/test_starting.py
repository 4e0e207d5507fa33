"""A hook that starts a host for the next hooks: only if the user has chosen that, and without waiting."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cornea.context import user_folder
from cornea.hook import folders, starting
from cornea.hook.run import answer
from cornea.hook.tool_calls import NothingToSay
from retrieval.host.address import read_note
from tests.e2e.cli import FILES
from tests.hosts import Site, site
from tests.support.waiting import LIMIT, until

from . import events
from .events import SAID


@pytest.fixture
def indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A root with an index, and without a host."""
    with site(tmp_path, FILES, monkeypatch) as made:
        assert made.cli("index", "-y").code == 0
        yield made


def silence(made: Site) -> str:
    """Why a hook says nothing."""
    event = events.claude_bash(made.cli.folder, "grep -rn 'hash_password(' src", SAID)
    with pytest.raises(NothingToSay) as caught:
        answer("claude", json.dumps(event).encode(), time.perf_counter() + LIMIT)
    return str(caught.value)


def test_a_host_is_started(indexed: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook says nothing, the next one has an answer, also after the host was killed."""
    monkeypatch.setenv(starting.VARIABLE, "true")
    assert "one is being started" in silence(indexed)
    folder = indexed.key.folder
    until(lambda: read_note(folder) is not None)
    event = json.dumps(events.claude_bash(indexed.cli.folder, "grep -rn 'hash_password(' src", SAID)).encode()
    assert "defined: hash_password" in answer("claude", event, time.perf_counter() + LIMIT)
    killed = indexed.process()
    killed.kill()
    until(lambda: not killed.is_running())
    assert "one was started a moment ago" in silence(indexed)
    os.utime(folder / "host.log", (1, 1))
    assert "one is being started" in silence(indexed)
    until(lambda: (note := read_note(folder)) is not None and note.pid != killed.pid)


def test_by_default_nothing_is_started(indexed: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor for a root without an index; if the setting is named but off, the process ends at once."""
    started = []
    monkeypatch.setattr("retrieval.host.launch.spawn", lambda *args: started.append(args))
    assert "set host.start_by_hook to true" in silence(indexed)
    monkeypatch.setenv(starting.VARIABLE, "true")
    other = indexed.cli.folder.parent / "other"
    other.mkdir()
    event = events.claude_bash(other, "grep -rn x .", SAID)
    with pytest.raises(NothingToSay, match="no host runs"):
        answer("claude", json.dumps(event).encode(), time.perf_counter() + LIMIT)
    assert started == []
    ended = indexed.cli(
        "host", "run", "--by-hook", "--", indexed.cli.folder, env={starting.VARIABLE: "false"}
    )
    assert ended.code == 0
    assert read_note(indexed.key.folder) is None


def test_where_the_setting_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the user's file, which is where all other commands look, or in the environment."""
    monkeypatch.delenv(starting.VARIABLE, raising=False)
    for name, value in (
        ("CORNEA_HOME", str(tmp_path)),
        ("CORNEA_HOME", ""),
        ("XDG_CONFIG_HOME", str(tmp_path / "c")),
    ):
        monkeypatch.setenv(name, value)
        assert folders.user_folder() == str(user_folder())
    assert "set host.start_by_hook" in starting.start("/r", str(tmp_path / "index"))
    (tmp_path / "c/cornea").mkdir(parents=True)
    (tmp_path / "c/cornea/config.toml").write_text("[host]\nstart_by_hook = true\n")
    index = tmp_path / "index"
    index.mkdir()
    (index / "host.log").write_text("")
    assert "a moment ago" in starting.start("/r", str(index))
