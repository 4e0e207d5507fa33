"""`cornea bench` as people run it: a process each, tables or JSON, one line for every mistake."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.support.waiting import LIMIT

from ...e2e.cli import Cli
from ...repositories import git, isolate, repository, write
from .sets import write as write_set

BODY = "\n".join(f"    alpha_{n} = tool(alpha, {n})" for n in range(8))
CODE = 'def {0}(alpha):\n    """Work on the {0} of things."""\n{1}\n    return {0}_0\n'
FILES = {f"{word}.py": CODE.format(word, BODY) for word in ("first", "second", "third")}


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command in an empty folder."""
    (tmp_path / "work").mkdir()
    return Cli(tmp_path / "home", tmp_path / "work")


def test_beir_in_all_forms(cli: Cli) -> None:
    """A table, JSON, Markdown and a picture."""
    write_set(cli.folder / "set")
    done = cli("bench", "beir", "set", "--profile", "bm25")
    assert done.code == 0, done.err
    assert "set, search: 3 queries, 5 documents" in done.out
    assert "nDCG@10     1.000 [1.000, 1.000]" in done.out
    done = cli("bench", "beir", "set", "--profile", "bm25", "--json", "--plot", "chart.png")
    assert json.loads(done.out)["scores"]["bm25"]["hit@1"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert (cli.folder / "chart.png").stat().st_size > 1000
    done = cli("bench", "beir", "set", "--profile", "bm25", "--markdown")
    assert "| nDCG@10 | 1.000 [1.000, 1.000] |" in done.out


def test_a_table_on_a_terminal(cli: Cli) -> None:
    """Drawn with rich; markup in a name is only text."""
    write_set(cli.folder / "[red]set")
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        cli.command("bench", "beir", "[red]set", "--profile", "bm25"),
        cwd=cli.folder,
        env=cli.environment({"TERM": "xterm", "COLUMNS": "100"}),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.PIPE,
    )
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(main, 4096):
            shown += part
    _, err = process.communicate(timeout=LIMIT)
    os.close(main)
    assert process.returncode == 0, err
    assert b"[red]set, search: 3 queries" in shown
    assert "───".encode() in shown
    assert b"1.000 [1.000, 1.000]" in shown


def test_search(cli: Cli) -> None:
    """Questions about a tree."""
    question = {"query": "first", "relevant": ["first.py"], "secondary": [], "category": "symbol"}
    write(
        cli.folder,
        {
            "data/repos.json": json.dumps([{"name": "one", "language": "python", "benchmark_root": None}]),
            "data/annotations/one.json": json.dumps([question]),
            **{f"trees/one/{path}": text for path, text in FILES.items()},
        },
    )
    done = cli("bench", "search", "data", "--trees", "trees", "--profile", "rerank", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["scores"]["rerank"]["mean"] == 1.0


def test_repo(cli: Cli) -> None:
    """The folder that one is in; nothing is indexed for good."""
    write(cli.folder, FILES)
    done = cli("bench", "repo", "--profile", "bm25", "--questions", "1", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["tasks"]["docstring"]["questions"] == 1
    assert not (cli.home / "indexes").exists()


def test_secrets(cli: Cli) -> None:
    """The figures of the detector alone; the schema is asked of what was printed."""
    write(cli.folder, FILES)
    done = cli("bench", "secrets", ".", "--detector", "--places", "3", "--json")
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)["repositories"]
    assert (row["repository"], row["planted"]) == (cli.folder.name, 3)


def test_speed_of_made_up_code(cli: Cli) -> None:
    """What it takes is said first."""
    done = cli("bench", "speed", "--scale", "1000", "--profile", "bm25", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["sizes"][0]["fragments"] == 1000
    assert "GB of disk" in done.err


def test_make_and_score(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both builders from a clone, then what they built."""
    isolate(monkeypatch, tmp_path / "user")
    clone = repository(cli.folder / "clone", FILES)
    git(clone, "remote", "add", "origin", "https://example.org/owner/clone.git")
    for kind, task in (("ccr", "continue"), ("nl", "search")):
        done = cli("bench", f"make-{kind}", "--repos", "clone", "--out", kind, "--queries", "2")
        assert done.code == 0, done.err
        assert "2 queries, 3 documents of 1 repositories (python 3)" in done.err
        done = cli("bench", "beir", kind, "--task", task, "--profile", "hybrid", "--json")
        assert json.loads(done.out)["scores"]["hybrid"]["hit@10"]["mean"] == 1.0
    (cli.folder / "held.txt").write_text("owner/clone\n")
    done = cli("bench", "make-nl", "--repos", "clone", "--out", "x", "--exclude-file", "held.txt")
    assert done.code == 2
    assert "owner/clone is held out" in done.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("beir", "nowhere"), "nowhere: not a folder"),
        (("beir", "set", "--split", "train"), "the splits there are: test"),
        (("beir", "set", "--plot", "a.gif"), "a chart is a .png file"),
        (("beir", "set", "--json", "--markdown"), "--json contradicts --markdown"),
        (("beir", "broken"), "corpus.jsonl:1: not JSON"),
        (("search", "set", "--trees", "."), "repos.json: no such file"),
        (("speed", ".", "--scale", "1000"), "--scale generates its own code"),
        (("repo", "empty"), "no documented functions"),
        (("make-ccr", "--out", "x"), "--repos is missing"),
        (("make-ccr", "--repos", "set", "--out", "x"), "neither a git clone"),
        (("nonsense",), "no command 'nonsense'"),
    ],
)
def test_one_line_for_every_mistake(cli: Cli, args: tuple[str, ...], message: str) -> None:
    """Exit code 2, nothing on stdout."""
    write_set(cli.folder / "set")
    write(write_set(cli.folder / "broken"), {"corpus.jsonl": "{\n"})
    (cli.folder / "empty").mkdir()
    done = cli("bench", *args)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    # On a busy machine, lines of progress come before it.
    assert len([line for line in done.err.splitlines() if not line.startswith("cornea: bench: ")]) == 1


def test_help_names_every_benchmark(cli: Cli) -> None:
    """Alone or with --help; each has its own."""
    assert cli("bench").out == cli("bench", "--help").out
    for name in ("beir", "search", "repo", "speed", "make-ccr", "make-nl"):
        assert f"\n  {name}  " in cli("bench").out
        done = cli("bench", name, "--help")
        assert done.code == 0, done.err
        assert "Examples:" in done.out
