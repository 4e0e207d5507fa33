"""Roots and settings: where they come from, which wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cornea import context
from indexer.errors import ConfigError, UsageError
from retrieval import config, searcher

from ..repositories import write


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but the test's own."""
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    for setting in context.SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


def test_the_later_source_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults < user < pyproject.toml < .cornea.toml < environment < flags, each known by name."""
    root = tmp_path / "r"
    root.mkdir()

    def limit() -> tuple[int, str]:
        loaded = context.load(root)
        return loaded.search.limit, loaded.resolved.origins["search.limit"]

    assert limit() == (10, "default")
    write(tmp_path / "home", {"config.toml": "[search]\nlimit = 1\n"})
    assert limit() == (1, str(tmp_path / "home" / "config.toml"))
    write(root, {"pyproject.toml": "[tool.cornea.search]\nlimit = 2\n"})
    assert limit() == (2, "pyproject.toml")
    write(root, {".cornea.toml": "[search]\nlimit = 3\n"})
    assert limit() == (3, ".cornea.toml")
    monkeypatch.setenv("CORNEA_SEARCH_LIMIT", "4")
    assert limit() == (4, "environment")
    loaded = context.load(root, {"search.limit": 5})
    assert (loaded.search.limit, loaded.resolved.origins["search.limit"]) == (5, "flag")


def test_values_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists by comma, yes and no, numbers; an empty variable is not set."""
    monkeypatch.setenv("CORNEA_INDEX_LANGUAGES", "python, go")
    monkeypatch.setenv("CORNEA_INDEX_HIDDEN", "yes")
    monkeypatch.setenv("CORNEA_STORE_WAIT_SECONDS", "3")
    monkeypatch.setenv("CORNEA_SEARCH_PROFILE", "")
    loaded = context.load(tmp_path)
    assert loaded.config.languages == ("python", "go")
    assert loaded.config.hidden is True
    assert loaded.config.wait_seconds == 3.0
    assert loaded.search.profile == "rerank"


@pytest.mark.parametrize("value", ["", "maybe", "2"])
def test_what_is_no_boolean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Neither yes nor no is an error; nothing is nothing."""
    monkeypatch.setenv("CORNEA_INDEX_HIDDEN", value)
    if not value:
        assert context.load(tmp_path).config.hidden is False
        return
    with pytest.raises(ConfigError, match="CORNEA_INDEX_HIDDEN must be true or false"):
        context.load(tmp_path)


def test_a_fifo_as_configuration_does_not_hold_us_up(tmp_path: Path) -> None:
    """A repository cannot stop the command by what it names .cornea.toml."""
    import os

    os.mkfifo(tmp_path / ".cornea.toml")
    with pytest.raises(ConfigError, match="not a regular file"):
        context.load(tmp_path)


def test_broken_pyproject_is_not_our_business(tmp_path: Path) -> None:
    """Other tools complain about it."""
    write(tmp_path, {"pyproject.toml": "[tool.cornea\n"})
    assert context.load(tmp_path).resolved.warnings == ()


def test_roots_that_hold_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home folder, what is above it, and `/`; not what is in it."""
    home = tmp_path / "people" / "ada"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    assert context.is_too_wide(home)
    assert context.is_too_wide(home.parent)
    assert context.is_too_wide(Path("/"))
    assert not context.is_too_wide(home / "src")


def test_a_root_must_be_a_folder(tmp_path: Path) -> None:
    """Links are followed, loops and files refused."""
    write(tmp_path, {"file": "", "folder/x": ""})
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "loop").symlink_to("loop")
    assert context.real_folder(tmp_path / "link") == tmp_path / "folder"
    for name in ("file", "loop", "gone", "nul\0"):
        with pytest.raises(UsageError, match="name"):
            context.real_folder(tmp_path / name)


def test_profiles_are_those_of_the_searcher() -> None:
    """The names are repeated so that `--help` need not load the searcher."""
    assert tuple(searcher.PROFILE_WEIGHTS) == config.PROFILES
