"""Roots inside roots: asked for before they are made, and which root a command acts on."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from ..repositories import isolate, repository, write
from .cli import FILES, Cli


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A repository that is not indexed yet."""
    isolate(monkeypatch, tmp_path / "user")
    return Cli(tmp_path / "home", repository(tmp_path / "many" / "yard", FILES | {".gitignore": "build/\n"}))


def _roots(cli: Cli) -> set[str]:
    found = (json.loads(place.read_text()) for place in cli.home.glob("indexes/*/index.json"))
    return {Path(info["root"]).name for info in found}


@pytest.mark.parametrize("indexed", [True, False])
def test_a_part_of_a_repository_is_no_root_unasked(yard: Cli, indexed: bool) -> None:
    """However it is spelled: the enclosing root is named, and what to do. --yes is an answer."""
    if indexed:
        assert yard("index").code == 0
    (yard.folder.parent / "link").symlink_to(yard.folder / "src")
    inside = Cli(yard.home, yard.folder / "src")
    before = _roots(yard)
    for cli, path in ((yard, "src"), (yard, "net/../src/"), (yard, "../link"), (inside, ".")):
        done = cli("index", path)
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
        assert f"the index of {yard.folder} already covers {yard.folder / 'src'}" in done.err
        assert "leave PATH out" in done.err
        assert "--yes" in done.err
        assert _roots(yard) == before
    assert inside("index", ".", "--yes").code == 0
    assert _roots(yard) == before | {"src"}
    assert yard("index", "src").code == 0  # it is a root now
    found = json.loads(inside("search", "hash password", "--json").out)
    assert ({row["path"] for row in found["results"]}, "scope" in found) == ({"auth.py"}, False)


def test_without_a_path_it_is_the_repository(yard: Cli) -> None:
    """From a subfolder, too, which is said; a link to the repository is the repository."""
    inside = Cli(yard.home, yard.folder / "src")
    done = inside("index")
    assert (done.code, done.err.splitlines()[0]) == (0, f"cornea: root: {yard.folder}")
    (yard.folder.parent / "link").symlink_to(yard.folder)
    for path in (yard.folder.parent / "link", yard.folder.parent / "link" / ".", yard.folder):
        assert json.loads(yard("index", path, "--json").out)["unchanged"] == len(FILES) + 1
    assert _roots(yard) == {"yard"}


def test_what_the_repository_leaves_out_is_a_root_of_its_own(yard: Cli) -> None:
    """Nothing else has its files: ignored folders, repositories inside of others."""
    write(yard.folder, {"build/made.py": "made = 1\n", "node_modules/m/i.js": "let made = 1\n"})
    repository(yard.folder / "inner", {"a.py": "inner = 1\n"})
    assert yard("index").code == 0
    for folder in ("build", "node_modules/m", "inner"):
        done = yard("index", folder)
        assert done.code == 0, done.err
    assert _roots(yard) == {"yard", "build", "m", "inner"}


def test_a_terminal_is_asked(yard: Cli) -> None:
    """One question; no is the default."""

    def on_terminal(answer: str) -> tuple[int, str]:
        master, slave = pty.openpty()
        with subprocess.Popen(
            yard.command("index", "src"), cwd=yard.folder, env=yard.environment({"TERM": "xterm"}),
            stdin=slave, stdout=slave, stderr=slave,
        ) as process:  # fmt: skip
            os.close(slave)
            os.write(master, answer.encode())
            said = b""
            try:
                while part := os.read(master, 65536):
                    said += part
            except OSError:
                pass  # how a terminal says that nobody writes any more
        os.close(master)
        return process.returncode, said.decode()

    code, said = on_terminal("\n")
    assert code == 2
    assert f"the index of {yard.folder} already covers" in said
    assert "; create a separate index for " in said
    assert _roots(yard) == set()
    assert on_terminal("y\n")[0] == 0
    assert _roots(yard) == {"src"}


def test_a_root_around_others_names_them(yard: Cli) -> None:
    """They keep their own indexes, which are asked there; said when the outer one is made, not each time."""
    assert yard("index").code == 0
    above = Cli(yard.home, yard.folder.parent)
    first, second = above("index", "."), above("index", ".")
    assert (first.code, second.code) == (0, 0)
    assert f"cornea: these folders inside {above.folder} keep their own indexes: {yard.folder}\n" in first.err
    assert "their own indexes" not in second.err
    assert json.loads(yard("status", "--json").out)["root"] == str(yard.folder)


def test_commands_in_a_subfolder_name_their_root(yard: Cli) -> None:
    """Whatever they do is done to all of it. In the root itself there is nothing to add."""
    assert yard("index").code == 0
    inside = Cli(yard.home, yard.folder / "src")
    said = f"cornea: root: {yard.folder}\n"
    for args in (("doctor",), ("host", "status"), ("host", "stop"), ("status", "--skipped"),
                 ("status", "--why", "auth.py"), ("index",), ("clear",)):  # fmt: skip
        assert inside(*args).err.startswith(said), args
        assert "root:" not in yard(*args).err
    assert f"root        {yard.folder}" in inside("status").out


def test_status_and_doctor_are_about_the_root_around_a_folder(yard: Cli) -> None:
    """A part of an indexed repository is not called a folder without an index."""
    assert yard("index").code == 0
    seen = yard("status", "src", "--json")
    assert (seen.code, json.loads(seen.out)["root"]) == (0, str(yard.folder))
    assert json.loads(yard("doctor", "src", "--json").out)["root"] == str(yard.folder)
    assert yard("doctor", "src").err == f"cornea: root: {yard.folder}\n"
    gone = yard("status", "gone")
    assert (gone.code, "gone: no such file or directory" in gone.err) == (2, True)
