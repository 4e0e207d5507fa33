"""`index`, `status`, `clear`, `completion`, help and colours from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cornea
from cornea.cli import COMMANDS, run
from cornea.presentation import output
from tests.support.waiting import LIMIT

from ..indexes import child, told
from ..repositories import isolate, repository, write
from .cli import FILES, SOURCES, Cli

_HEAVY = (
    "numpy", "qdrant_edge", "qdrant_client", "rich", "tree_sitter", "filelock", "retrieval.searcher",
    "importlib.metadata", "msgspec",
)  # fmt: skip


def test_index_says_what_it_did(cli: Cli) -> None:
    """A quiet line without a terminal, an object with --json; nothing to do the second time."""
    first = cli("index")
    assert (first.code, first.out) == (0, "")
    assert re.fullmatch(r"cornea: indexed 3 files, \d+ fragments in \d+\.\d s\n", first.err)
    again = cli("index", "--json")
    report = json.loads(again.out)
    assert (again.err, report["added"], report["unchanged"]) == ("", 0, 3)
    assert report["root"] == str(cli.folder)
    rebuilt = json.loads(cli("index", "--rebuild", "--json").out)
    assert (rebuilt["added"], rebuilt["functions"]) == (3, 6)


def test_a_file_that_may_not_be_read(cli: Cli) -> None:
    """It is named, as long as it is so; only the number of files that are gone would not tell which."""
    assert cli("index").code == 0
    path = cli.folder / "net/retry.go"
    path.chmod(0)
    try:
        first, again = json.loads(told(child(INDEX, cli.home, cli.folder, powerless=True)))
    finally:
        path.chmod(0o644)
    line = "cornea: net/retry.go: unreadable: Permission denied; the file was skipped"
    assert first[0] == again[0] == line
    assert "unreadable" not in cli("index").err


INDEX = """
    import json, sys
    from pathlib import Path
    from tests.e2e.cli import Cli
    cli = Cli(*map(Path, sys.argv[1:]))
    print(json.dumps([cli("index").err.splitlines() for _ in range(2)]))
"""


def test_index_of_a_folder_makes_it_a_root(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Inside a repository the root is its top; a folder that was indexed by name is a root of its own."""
    isolate(monkeypatch, tmp_path / "user")
    root = repository(tmp_path / "repo", FILES)
    inside = Cli(cli.home, root / "src")
    assert json.loads(inside("index", "--json").out)["root"] == str(root)
    nested = inside("-C", "..", "-C", "net", "index", ".", "--yes", "--json")
    assert json.loads(nested.out)["root"] == str(root / "net")
    there = Cli(cli.home, root / "net")
    found = json.loads(there("search", "RetryDelay", "--json").out)["results"]
    assert [hit["path"] for hit in found] == ["retry.go"]


def test_status_before_and_after(cli: Cli) -> None:
    """It builds nothing; afterwards it counts by language and tells where settings come from."""
    write(cli.folder, {"node_modules/a.js": "function a() {}\n"})
    before = cli("status")
    assert before.code == 1
    assert "none yet; run `cornea index`" in before.out
    assert (
        "skipped because" not in before.out
    )  # a folder that is not indexed is not listed: it may be all of a disk
    assert not cli.home.exists()
    cli("index")
    done = cli("status", env={"CORNEA_SEARCH_LIMIT": "7"})
    assert done.code == 0
    assert re.search(r"^vendored +1$", done.out, re.MULTILINE)
    assert re.search(r"^python +2 +\d+ +5$", done.out, re.MULTILINE)
    assert re.search(r"^search\.limit +7 +environment$", done.out, re.MULTILINE)
    seen = json.loads(cli("status", "--json").out)
    assert seen["languages"]["go"] == {"files": 1, "fragments": 2, "functions": 1}
    assert seen["bytes"] > 0
    assert seen["busy"] is None


def test_status_tells_where_the_configuration_goes(cli: Cli) -> None:
    """The user's own file is named, there or not."""
    file = cli.home / "config.toml"
    assert re.search(rf"^config +{re.escape(str(file))} \(does not exist\)$", cli("status").out, re.MULTILINE)
    write(cli.home, {"config.toml": "[search]\nlimit = 3\n"})
    assert re.search(rf"^config +{re.escape(str(file))}$", cli("status").out, re.MULTILINE)


def test_skipped_files_of_a_lost_manifest_are_not_left_out_in_silence(cli: Cli) -> None:
    write(cli.folder, {"blob.bin": b"\0\1", "a.py": "x = 1\n"})
    cli("index")
    (lost,) = (cli.home / "indexes").glob("*/manifest.sqlite3")
    for part in lost.parent.glob("manifest.sqlite3*"):
        part.unlink()
    assert "are not listed: its manifest is gone" in cli("status", "--skipped").err
    assert "manifest is gone" in json.loads(cli("status", "--skipped", "--json").out)["trouble"]


def test_status_tells_why(cli: Cli) -> None:
    """Everything that is left out has a reason, by list and by path."""
    write(
        cli.folder,
        {
            "blob.bin": b"\0\1",
            "drafts/x.py": "x = 1\n",
            ".corneaignore": "drafts/\n",
            "node_modules/m/i.js": "1\n",
            ".gitattributes": "made.py linguist-generated\n*.inc linguist-language=Python\n",
            "made.py": "x = 1\n",
            "b.inc": "y = 1\n",
        },
    )
    cli("index")
    listed = dict(line.split(": ", 1) for line in cli("status", "--skipped").out.splitlines())
    assert listed["blob.bin"].startswith("binary")
    assert listed["drafts/"] == "ignored by .corneaignore:1: drafts/"
    assert "node_modules/" in listed
    assert json.loads(cli("status", "--skipped", "--json").out)["skipped"][0]["path"] in listed

    def why(path: str) -> str:
        return cli("status", "--why", path).out.strip()

    assert why("blob.bin").startswith("blob.bin: binary")
    assert why("drafts/x.py") == "drafts/x.py: drafts/: ignored by .corneaignore:1: drafts/"
    assert why("src/auth.py").startswith("src/auth.py: indexed (python; ")
    assert why("made.py") == "made.py: generated: .gitattributes:1: made.py linguist-generated"
    assert why("b.inc").startswith("b.inc: indexed (python; 1 fragment, 0 functions)")
    assert why("b.inc").endswith("; .gitattributes:2: *.inc linguist-language=Python")
    assert why("gone.py") == "gone.py: no such file"
    os.mkfifo(cli.folder / "pipe.py")
    assert why("pipe.py") == "pipe.py: not a regular file"
    assert [cli("status", "--why", path).code for path in ("gone.py", "blob.bin", "src")] == [1, 0, 0]


def test_status_does_not_wait(cli: Cli) -> None:
    """A busy index is looked at all the same, and its holder named."""
    cli("index")
    code = (
        "import sys\nfrom cornea.context import load\nfrom indexer.index.index import Index\n"
        "c = load()\nwith Index.open(c.root, c.config):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=cli.folder, env=cli.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        seen = json.loads(cli("status", "--json").out)
        assert f"process {holder.pid}" in seen["busy"]
        assert seen["languages"]["python"]["files"] == 2
        done = cli("search", "x", env={"CORNEA_STORE_WAIT_SECONDS": "0.2"})
        assert (done.code, done.out) == (2, "")
        assert f"process {holder.pid}" in done.err
        holder.communicate()


def test_clear(cli: Cli, tmp_path: Path) -> None:
    """This root's, the orphans', everybody's; what is not ours stays."""
    other = Cli(cli.home, write(tmp_path / "other", {"a.py": "a = 1\n"}))
    gone = Cli(cli.home, write(tmp_path / "gone", {"a.py": "a = 1\n"}))
    for each in (cli, other, gone):
        assert each("index").code == 0
    foreign = cli.home / "indexes" / "precious"
    write(foreign, {"data": "mine"})
    gone.folder.rename(tmp_path / "moved")
    assert json.loads(cli("clear", "--orphans", "--json").out) == {"removed": [str(gone.folder)]}
    done = cli("clear")
    assert (done.code, done.err) == (
        2, f"cornea: error: this would remove the index of {cli.folder}; pass --yes to do it\n"
    )  # fmt: skip
    done = cli("clear", "--yes")
    assert (done.code, done.err) == (0, f"cornea: removed the index of {cli.folder}\n")
    assert cli("clear").err == "cornea: nothing to remove\n"
    refused = cli("clear", "--all")
    assert refused.code == 2
    assert f"this would remove the index of {other.folder}; pass --yes" in refused.err
    assert other("status").code == 0
    assert cli("clear", "--all", "--yes").code == 0
    assert not list(cli.home.glob("indexes/*/shard"))
    assert other("status").code == 1
    assert (foreign / "data").read_text() == "mine"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches(shop: Cli, name: str) -> None:
    """--help describes the command and shows at least three examples of it."""
    done = shop(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert len(re.findall(rf"^    .*cornea .*{name}", done.out, re.MULTILINE)) >= 3
    assert COMMANDS[name][1] in shop("--help").out


def test_help_and_version_import_little() -> None:
    """What must be fast to start does not load the engine, the models or the bars."""
    code = (
        "import sys\nfrom cornea.cli import run\n"
        "assert run(sys.argv[1:]) == 0\nprint(*sys.modules, sep='\\n')\n"
    )
    # These two have their code in the command's module, which also takes the index's lock.
    locking = [["continue", "--help"], ["locate", "--help"]]
    for args in (["--help"], ["--version"], ["search", "--help"], *locking):
        done = subprocess.run(
            [sys.executable, "-c", code, *args],
            env={**os.environ, "PYTHONPATH": SOURCES}, capture_output=True, text=True, timeout=LIMIT,
        )  # fmt: skip
        loaded = set(done.stdout.splitlines())
        assert "cornea.cli" in loaded, done.stderr
        assert loaded.intersection(_HEAVY) == ({"filelock"} if args in locking else set())
        assert (any(name.startswith("cornea.commands.") for name in loaded)) == (len(args) == 2)


def test_index_without_changes_imports_little(shop: Cli) -> None:
    """A run that finds nothing to do needs neither vectors nor parsers."""
    code = (
        "import sys\nfrom cornea.cli import run\nassert run(['index']) == 0\nprint(*sys.modules, sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=shop.folder, env=shop.environment(), capture_output=True, text=True, timeout=LIMIT,
    )  # fmt: skip
    loaded = set(done.stdout.splitlines())
    assert "indexer.pipeline" in loaded, done.stderr
    assert not loaded.intersection(
        ("numpy", "qdrant_edge", "rich", "tree_sitter", "asyncio", "importlib.metadata", "msgspec")
    )


def test_version(shop: Cli) -> None:
    """`--version` names the program and its version; no arguments show the help."""
    assert shop("--version").out == f"cornea {cornea.__version__}\n"
    assert shop().out == shop("--help").out


def test_colors(shop: Cli) -> None:
    """Only a terminal gets colours, unless told otherwise, before or after the command's name."""
    plain = shop("search", "password", "-n", "1").out
    assert "\x1b" not in plain
    always = shop("--color", "always", "search", "password", "-n", "1").out
    assert re.sub(r"\x1b\[\d+m", "", always) == plain
    assert "\x1b[" in always
    assert shop("search", "password", "-n", "1", "--color", "always").out == always
    assert "\x1b" in shop("search", "password", "--color", "always", env={"NO_COLOR": "1"}).out
    assert "\x1b" not in shop("--color", "always", "search", "password", "--color", "never").out


def test_terminal_gets_colors_unless_no_color(shop: Cli) -> None:
    """On a terminal: colours, lines cut to its width, NO_COLOR respected."""
    import pty

    def on_terminal(**env: str) -> str:
        master, slave = pty.openpty()
        with subprocess.Popen(
            shop.command("search", "password", "-n", "1"), cwd=shop.folder, stdout=slave, stderr=slave,
            env=shop.environment({"TERM": "xterm", "COLUMNS": "60", **env}),
        ) as process:  # fmt: skip
            os.close(slave)
            seen = b""
            try:
                while block := os.read(master, 65536):
                    seen += block
            except OSError:
                pass  # how a terminal says that nobody writes any more
            assert process.wait(LIMIT) == 0
        os.close(master)
        return seen.decode()

    colored = on_terminal()
    assert "\x1b[36m" in colored
    assert all(len(re.sub(r"\x1b\[\d+m", "", line)) <= 60 for line in colored.splitlines())
    assert "\x1b" not in on_terminal(NO_COLOR="1")
    assert "\x1b" not in on_terminal(TERM="dumb")


def test_ctrl_c_at_a_question(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The question's line is ended, and nothing was removed."""
    import click.termui

    def interrupted(prompt: str) -> str:
        raise KeyboardInterrupt

    assert cli("index").code == 0
    monkeypatch.chdir(cli.folder)
    monkeypatch.setenv("CORNEA_HOME", str(cli.home))
    monkeypatch.setattr(output, "can_ask", lambda: True)
    monkeypatch.setattr(click.termui, "visible_prompt_func", interrupted)
    assert run(["clear"]) == 130
    assert capsys.readouterr().err.endswith("\ncornea: nothing was removed\n")
    assert cli("status").code == 0


def test_names_and_code_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    """Escape sequences, newlines and reordering characters in code and names are shown, not sent."""
    evil = "\x1b]0;owned\x07\x9b31m\u202e"
    files = {f"a\x1b[31m\nb{evil}.py": f"def zymurgy():\n    return 'zymurgy {evil}'\n"}
    cli = Cli(tmp_path / "home", write(tmp_path / "r", files))
    for form in ("text", "vimgrep", "json"):
        done = cli("search", "zymurgy", "--format", form)
        assert done.code == 0, done.err
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.out)
    assert len(cli("search", "zymurgy", "--format", "vimgrep").out.splitlines()) == 1
    assert cli("search", "zymurgy").out.startswith(r"a\x1b[31m\nb\x1b]0;owned\x07\x9b31m\u202e.py:1-2")
    listed = cli("status", "--skipped").out + cli("index", evil).err
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", listed)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shop: Cli, shell: str) -> None:
    """The script calls back with the shell's own variable."""
    done = shop("completion", shell)
    assert done.code == 0
    assert f"_CORNEA_COMPLETE={shell}_complete" in done.out


def test_completion_knows_commands_languages_and_profiles(shop: Cli) -> None:
    """What a shell would offer."""

    def offered(*words: str) -> set[str]:
        env = {
            "_CORNEA_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["cornea", *words]),
            "COMP_CWORD": str(len(words)),
        }
        return {line.split(",", 1)[1] for line in shop(env=env).out.splitlines()}

    assert offered("s") == {"search", "similar", "status"}
    assert "python" in offered("search", "-t", "pyt")
    assert offered("search", "--profile", "h") == {"hybrid"}
    assert offered("search", "--kind", "function,me") == {"function,method"}


def test_python_api(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open, update, ask, close; settings as keywords; errors of ours."""
    from indexer.errors import UsageError

    monkeypatch.setenv("CORNEA_HOME", str(cli.home))
    with cornea.open(cli.folder, search__limit=1) as repository:
        assert repository.update().added == 3
        (hit,) = repository.search("hash password", languages=["py"], tests=False)
        assert (hit.path, hit.symbol) == ("src/auth.py", "hash_password")
        assert repository.similar("src/auth.py", 6)[0].symbol != "hash_password"
        with pytest.raises(UsageError, match="klingon"):
            repository.search("x", languages=["klingon"])
        with pytest.raises(UsageError, match="no such file"):
            repository.similar("gone.py", 1)
        for wrong in (0, -5, 1001, True):
            for name in ("limit", "per_file"):
                with pytest.raises(UsageError, match=f"{name}: {wrong} is not a whole number from 1 to 1000"):
                    repository.search("password", **{name: wrong})
    for ask in (
        repository.update,
        lambda: repository.search("x"),
        lambda: repository.similar("src/auth.py", 6),
    ):
        with pytest.raises(UsageError, match="is closed; open it again"):
            ask()
    with pytest.raises(AttributeError):
        _ = cornea.nothing
