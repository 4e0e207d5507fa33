"""Wrong use: one line that says what to do, exit code 2, nothing on stdout, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from .. import unprivileged
from ..repositories import write
from .cli import Cli

WRONG = [
    (["search", "-t", "pyton", "x"], "unknown language 'pyton'; did you mean python?"),
    (["search", "-t", "qqq", "x"], "one of: "),
    (["search", "-g", "src/[a", "x"], "bad glob 'src/[a'; write for example"),
    (["search", "--kind", "methods", "x"], "unknown kind 'methods'; did you mean method?"),
    (["search", "--profile", "magic", "x"], "'bm25', 'dense', 'hybrid', 'rerank'"),
    (["search", "-n", "-1", "x"], "'-1' is not a whole number from 1 to 1000"),
    (["search", "-n", "1000000000", "x"], "'1000000000' is not a whole number from 1 to 1000"),
    (["search", "--per-file", "0", "x"], "'0' is not a whole number from 1 to 1000"),
    (["locate", "-n", "0", "--text", "x"], "'0' is not a whole number from 1 to 1000"),
    (["search", "-n", "many", "x"], "'many' is not a whole number"),
    (["search"], "missing QUERY"),
    (["search", "   "], "nothing to search for"),
    (["search", "--json", "--format", "vimgrep", "x"], "--json contradicts --format vimgrep"),
    (["search", "--context", "3", "--json", "x"], "--context works only with --format text"),
    (["search", "--explain", "--format", "vimgrep", "x"], "--explain does not work with --format vimgrep"),
    (["search", "--batch", "q.jsonl", "x"], "--batch reads queries from its file"),
    (["search", "--batch", "q.jsonl", "--format", "text"], "--batch prints JSON lines"),
    (["search", "--batch", "gone.jsonl"], "gone.jsonl: no such file"),
    (["search", "--batch", "src"], "src: is a directory"),
    (["similar", "src/auth.py"], "no line number; write FILE:LINE"),
    (["similar", "src/gone.py:3"], "no such file"),
    (["similar", "src:3"], "not a file"),
    (["similar", "src/auth.py:0"], "lines count from 1"),
    (["similar", "src/auth.py:999"], "the file has only 24 lines; name one of them"),
    (["similar", "src/auth.py:1:0"], "src/auth.py:1:0: columns count from 1"),
    (["similar", "src/auth.py:3-2"], "src/auth.py:3-2: the last line is before the first"),
    (["similar", "src/auth.py:99999999999"], "the file has only 24 lines; name one of them"),
    (["similar", "-dash.png:1"], "for the file of that name write ./-dash.png:1"),
    (["similar", "/etc/hostname:1"], "outside the root"),
    (["similar", "picture.png:1"], "not indexed (binary"),
    (["status", "--why", "../elsewhere.py"], "outside the root"),
    (["status", "--why", "."], "that is the root itself; name a file in it"),
    (["status", "--why", ""], "empty path; name a file"),
    (["similar", ".:1"], "that is the root itself; name a file in it"),
    (["status", "--why", "x", "--skipped"], "--skipped contradicts --why"),
    (["index", "gone"], "name an existing folder"),
    (["index", "src/auth.py"], "not a directory"),
    (["index", "/"], "too broad to be indexed"),
    (["locate"], "missing ISSUE; name a file, or use - for stdin, --text, or --batch"),
    (["locate", "--text", "a", "issue.md"], "--text and a file are two issues; use one of them"),
    (["locate", "--text", "a", "--batch", "b"], "--text and --batch are two issues; use one of them"),
    (["locate", "--text", "a", "--explain", "--format", "vimgrep"], "does not work with --format vimgrep"),
    (["locate", "--text", "a", "--rev", "HEAD", "--no-refresh"], "leave --no-refresh out"),
    (["clear", "--all", "--orphans"], "use one of them"),
    (["completion", "powershell"], "'bash', 'zsh', 'fish'"),
    (["serach", "x"], "did you mean 'search'?"),
    (["--frobnicate"], "--frobnicate"),
    (["-C", "gone", "status"], "-C gone: no such file or directory"),
    (["-C", "", "status"], "-C '': empty folder name; leave -C out to stay in this folder"),
    (["-C", "src/auth.py", "status"], "-C src/auth.py: not a directory"),
    (["search", "-C", "src", "x"], "-C goes before the command: cornea -C DIR search"),
]


@pytest.fixture(scope="module")
def place(shop: Cli) -> Cli:
    """The small repository with a file that is no text, and one that looks like an option."""
    (shop.folder / "picture.png").write_bytes(b"\x89PNG\0\0\1\2")
    (shop.folder / "-dash.png").write_bytes(b"")
    return shop


@pytest.mark.parametrize(("args", "remedy"), WRONG, ids=[" ".join(w[0]) for w in WRONG])
def test_wrong_arguments(place: Cli, args: list[str], remedy: str) -> None:
    """One line names what is wrong and what to do."""
    done = place(*args)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("cornea: error: ")
    assert len(done.err.splitlines()) == 1, done.err
    assert remedy in done.err


CONFIGURATIONS = [
    ({".cornea.toml": "[index\n"}, {}, ".cornea.toml: not valid TOML"),
    ({".cornea.toml": "[search]\nlimit = 'many'\n"}, {}, "search.limit must be a whole number"),
    ({".cornea.toml": "[search]\nlimit = -3\n"}, {}, "search.limit must be at least 1"),
    ({".cornea.toml": "[index]\nlanguages = ['klingon']\n"}, {}, "unknown language 'klingon'"),
    ({}, {"CORNEA_SEARCH_PROFILE": "magic"}, "CORNEA_SEARCH_PROFILE must be one of bm25"),
    ({}, {"CORNEA_STORE_RESERVE_MB": "lots"}, "CORNEA_STORE_RESERVE_MB must be a whole number"),
]


@pytest.mark.parametrize(("files", "env", "remedy"), CONFIGURATIONS, ids=[c[2][:30] for c in CONFIGURATIONS])
def test_wrong_configuration(tmp_path: Path, files: dict[str, str], env: dict[str, str], remedy: str) -> None:
    """The setting and where it stands are named, before anything is indexed."""
    cli = Cli(tmp_path / "home", write(tmp_path / "r", {**files, "a.py": "x = 1\n"}))
    done = cli("search", "x", env=env)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done.err
    assert remedy in done.err
    assert not cli.home.exists()


def test_a_repository_may_not_choose_the_server(tmp_path: Path) -> None:
    """What a repository's own file may not set is ignored, and said."""
    text = "[store]\nurl = 'http://198.51.100.1'\n[index]\nexlude = ['x']\nexclude = ['b.py']\n"
    cli = Cli(tmp_path / "home", write(tmp_path / "r", {".cornea.toml": text, "a.py": "", "b.py": "b = 1\n"}))
    done = cli("status", "--json")
    seen = json.loads(done.out)
    assert seen["store"] == "embedded"
    assert seen["settings"]["index.exclude"] == {"value": ["b.py"], "from": ".cornea.toml"}
    assert "a repository may not set store.url" in done.err
    assert "did you mean index.exclude?" in done.err


def test_bare_clones_have_no_files(tmp_path: Path) -> None:
    """Git's own files are nobody's code."""
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    cli = Cli(tmp_path / "home", tmp_path / "bare")
    for args in (["search", "x"], ["index"]):
        done = cli(*args)
        assert (done.code, done.out) == (2, "")
        assert "a bare clone has no files; use a work tree" in done.err


@pytest.mark.parametrize("words", [["search", "session"], ["--help"], ["search", "--help"], ["host"]])
def test_an_output_that_is_full(place: Cli, words: list[str]) -> None:
    """It is named; the system's own words do not say what was full."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cornea", "-C", str(place.folder), *words],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "CORNEA_HOME": str(place.home)},
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("cornea: error: standard output: No space left on device")


def test_ctrl_c_while_libraries_are_imported() -> None:
    """The command has hardly begun: one line, and the exit code of an interrupted one."""
    code = """
        import sys, builtins
        real = builtins.__import__
        def interrupted(name, *args, **more):
            if name == "click":
                raise KeyboardInterrupt
            return real(name, *args, **more)
        builtins.__import__ = interrupted
        from cornea.__main__ import main
        main()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "cornea: interrupted\n")


def test_unwritable_cache() -> None:
    """The folder and the remedy are named."""
    with unprivileged.folder() as place:
        (place / "repo").mkdir()
        (place / "repo" / "a.py").write_text("x = 1\n")
        locked = place / "locked"
        locked.mkdir(mode=0o555)
        code = """
            import os, sys
            os.environ["CORNEA_HOME"] = sys.argv[2] + "/cache"
            os.chdir(sys.argv[1])
            from cornea.cli import run
            sys.stderr = sys.stdout
            print("code", run(["search", "x"]))
        """
        imports = (
            "import encodings.cp437, zipfile, cornea.cli, cornea.commands.search, cornea.session, "
            "retrieval.searcher"
        )
        said = unprivileged.run(code, place / "repo", locked, before=imports).splitlines()
    assert said[-1] == "code 2"
    assert len(said) == 2, said
    assert "CORNEA_HOME" in said[0]


def test_internal_errors_are_reported_as_bugs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody sees a bare traceback: one line says that it is ours and how to get the traceback."""
    from cornea import cli, session

    monkeypatch.setattr(session, "load", lambda *args, **more: 1 / 0)
    assert cli.run(["status"]) == 2
    said = capsys.readouterr().err
    assert "a bug in cornea (ZeroDivisionError" in said
    assert len(said.splitlines()) == 1
    assert cli.run(["-v", "status"]) == 2
    assert "Traceback" in capsys.readouterr().err
