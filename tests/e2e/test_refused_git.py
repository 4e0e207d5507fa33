"""A repository that git refuses, or a git that is of no use: every command says so, with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.repositories import DISTRUSTFUL, fake_git, git, isolate, repository, write

from .cli import FILES, Cli

ALLOW = "git config --global --add safe.directory "


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """An index that was made while git was willing, with a tracked file below an ignored folder."""
    isolate(monkeypatch, tmp_path / "user")
    root = repository(
        tmp_path / "r", {**FILES, ".gitignore": "out/\n", "out/kept.py": "def kept():\n    pass\n"}
    )
    cli = Cli(tmp_path / "home", root)
    assert cli("index").code == 0
    fake_git(monkeypatch, tmp_path / "bin", DISTRUSTFUL)
    return cli


def test_another_user_s_repository(refused: Cli) -> None:
    """index, search, locate, status and the doctor name the remedy, and no file is lost."""
    remedy = f"{ALLOW}{refused.folder}"
    indexed = refused("index")
    assert (indexed.code, remedy in indexed.err, "removed" in indexed.err) == (0, True, False)
    found = refused("search", "kept", "--json")
    assert (json.loads(found.out)["results"][0]["path"], remedy in found.err) == ("out/kept.py", True)
    located = refused("locate", "--text", "kept does nothing", "--json")
    assert [remedy in line for line in json.loads(located.out)["missing"]] == [True]
    assert remedy in refused("locate", "--rev", "HEAD", "--text", "kept does nothing").err
    assert remedy in refused("status").out
    assert [remedy in line for line in json.loads(refused("status", "--json").out)["git"]] == [True]
    looked = json.loads(refused("doctor", "--json").out)
    assert [(f["check"], f["remedy"]) for f in looked["findings"]] == [("repository", remedy)]


def test_what_the_remedy_does(refused: Cli) -> None:
    """The command that is named makes git willing, and nothing is left to say."""
    told = refused("index").err
    command = told[told.index(ALLOW) :].splitlines()[0].removeprefix("git ")
    git(refused.folder, *command.split())
    assert ALLOW not in refused("index").err
    assert refused("doctor").code == 0


@pytest.mark.parametrize("script", ["exit 129", "head -c 100000 /dev/urandom"])
def test_a_git_that_is_of_no_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Too old, or another program of that name: no command dies, and the doctor tells."""
    isolate(monkeypatch, tmp_path / "user")
    cli = Cli(tmp_path / "home", write(repository(tmp_path / "r"), FILES))
    fake_git(monkeypatch, tmp_path / "bin", script)
    for args, code in (
        (("index",), 0),
        (("locate", "--text", "hash_password"), 0),
        (("locate", "--rev", "HEAD", "--text", "hash_password"), 2),
        (("status",), 0),
    ):
        done = cli(*args)
        assert (done.code, "this is a bug" in done.err) == (code, False), done.err
    assert "git" in cli("doctor").out
