"""Mining pairs from local clones."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import UsageError
from research.mining import pairs, processes
from research.mining.mine import MiningOptions, MiningOutcome, mine
from research.mining.pairs import Pair

from ...repositories import git, isolate, repository, write
from .clones import GPL, MIT, clone, function, module

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def _mine(tmp_path: Path, *repos: Path, **more: Any) -> MiningOutcome:
    return mine(MiningOptions(out=tmp_path / "out", repos=repos, jobs=1, **more))


def _pairs(tmp_path: Path) -> list[Pair]:
    return [pair for path in pairs.files(tmp_path / "out") for pair in pairs.read(path)]


def _of(found: list[Pair], kind: str, symbol: str) -> list[Pair]:
    return [pair for pair in found if (pair.kind, pair.symbol) == (kind, symbol)]


def test_each_kind_of_pair(tmp_path: Path) -> None:
    """Documentation, beginning and signature each ask for what belongs to them."""
    outcome = _mine(tmp_path, clone(tmp_path / "owner+one"))
    found = _pairs(tmp_path)
    bare = function("alpha", document=False)
    (doc,) = _of(found, "doc", "alpha")
    assert doc.query == "Compute the alpha of an argument for the caller."
    assert doc.text.split() == bare.split()
    assert (doc.language, doc.path, doc.title) == ("python", "src/code.py", "alpha src/code")
    continued = _of(found, "continue", "alpha")
    assert len(continued) == 2
    for pair in continued:
        assert f"{pair.query} {pair.text}".split() == bare.split()
    (named,) = _of(found, "name", "alpha")
    assert named.query == "def alpha(argument):"
    assert f"{named.query} {named.text}".split() == bare.split()
    assert [pair.function for pair in found] == sorted(pair.function for pair in found)
    assert {pair.function for pair in _of(found, "doc", "alpha") + continued} == {doc.function}
    (row,) = outcome.repositories
    assert row["licence"] == "MIT"
    assert row["functions"] == 3
    assert row["pairs"] == {"doc": 3, "continue": 6, "name": 3, "commit": 0}
    assert json.loads((tmp_path / "out" / "repos.json").read_text())["repositories"] == [row]


def test_the_same_bytes_again(tmp_path: Path) -> None:
    """The same repositories and seed give the same files; another seed other cuts."""
    one, two = clone(tmp_path / "one"), clone(tmp_path / "two", "delta epsilon")
    for out, seed in (("a", 0), ("b", 0), ("c", 1)):
        mine(MiningOptions(out=tmp_path / out, repos=(one, two), jobs=2, seed=seed))
    for name in ("pairs/one.jsonl.gz", "pairs/two.jsonl.gz", "repos.json", "report.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a/pairs/one.jsonl.gz").read_bytes() != (
        tmp_path / "c/pairs/one.jsonl.gz"
    ).read_bytes()
    assert list(pairs.read(tmp_path / "a/pairs/one.jsonl.gz"))


def test_a_licence_that_is_not_permissive(tmp_path: Path) -> None:
    """Its code is not read; a subfolder with such a licence is left out; no licence is none."""
    clone(tmp_path / "in" / "gpl", LICENSE=GPL)
    repository(tmp_path / "in" / "none", {"src/code.py": module("alpha")})
    parts = {"part/COPYING": GPL, "part/code.py": module("kappa"), "other/code.py": module("lambda_")}
    clone(tmp_path / "in" / "mixed", "delta", **parts)
    rows = {row["name"]: row for row in _mine(tmp_path, tmp_path / "in").repositories}
    assert rows["gpl"]["refused"] == "licence GPL in LICENSE"
    assert rows["none"]["refused"] == "no licence file"
    assert {pair.symbol for pair in _pairs(tmp_path)} == {"delta", "lambda_"}


def test_held_out_by_name(tmp_path: Path) -> None:
    """A repository on the list, and one that calls itself so, are refused."""
    held = tmp_path / "held.txt"
    held.write_text("owner/project\n")
    clone(tmp_path / "in" / "project")
    clone(tmp_path / "in" / "renamed", "delta", **{"package.json": '{\n  "name": "@x/project"\n}\n'})
    clone(tmp_path / "in" / "fine", "kappa")
    rows = {row["name"]: row for row in _mine(tmp_path, tmp_path / "in", exclude_files=(held,)).repositories}
    assert rows["project"]["refused"] == "held out: owner/project"
    reason = "held out: a copy of owner/project, judging by the name in package.json"
    assert rows["renamed"]["refused"] == reason
    assert "refused" not in rows["fine"]
    assert {pair.symbol for pair in _pairs(tmp_path)} == {"kappa"}


def test_copies_in_other_repositories(tmp_path: Path) -> None:
    """Of a function that several repositories have, also with small changes, one is kept."""
    longer = function("alpha", lines=40)
    one = repository(tmp_path / "one", {"LICENSE": MIT, "a.py": longer})
    spaced = longer.replace("    ", "\t").replace('"""Compute', '"""Work out')
    two = repository(tmp_path / "two", {"LICENSE": MIT, "b.py": spaced})
    changed = longer.replace("argument", "argument, more", 1)
    three = repository(tmp_path / "three", {"LICENSE": MIT, "c.py": changed + "\n\n" + module("beta")})
    outcome = _mine(tmp_path, one, two, three)
    assert sorted({pair.symbol for pair in _pairs(tmp_path)}) == ["alpha", "beta"]
    assert outcome.drops["function: equal to one elsewhere"]["count"] == 1
    assert outcome.drops["function: similar to one elsewhere"]["count"] == 1


def test_functions_of_evaluation_data(tmp_path: Path) -> None:
    """A function that is in excluded data is refused, re-indented and with other comments too."""
    tree = write(tmp_path / "data" / "tree", {"a.py": function("alpha")})
    copied = (
        function("alpha")
        .replace("    ", "  ")
        .replace('"""Compute', '"""Work out')
        .replace("\n", " # x\n", 1)
    )
    one = repository(tmp_path / "one", {"LICENSE": MIT, "code.py": f"{copied}\n\n{function('beta')}"})
    outcome = _mine(tmp_path, one, exclude_data=(tree,))
    assert {pair.symbol for pair in _pairs(tmp_path)} == {"beta"}
    dropped = outcome.drops["function: in the excluded data (same text)"]
    assert dropped == {"count": 1, "examples": ["one code.py alpha"]}
    again = mine(
        MiningOptions(
            out=tmp_path / "again", repos=(one,), exclude_data=(tmp_path / "out" / "excluded.hashes",), jobs=1
        )
    )
    assert again.drops == outcome.drops


def test_a_fork_under_another_name(tmp_path: Path) -> None:
    """Told by its functions, where only a tree is given; by its first commit, where a clone is."""
    names = [f"name{n}" for n in range(25)]
    held = clone(tmp_path / "held" / "project", " ".join(names))
    git(tmp_path, "clone", "-q", str(held), str(tmp_path / "fork"))
    git(tmp_path / "fork", "remote", "remove", "origin")
    write(tmp_path / "tree" / "project", {"code.py": module(" ".join(names))})
    (by_content,) = _mine(tmp_path, tmp_path / "fork", exclude_data=(tmp_path / "tree",)).repositories
    assert by_content["refused"] == "held out: 25 of 25 functions are in the excluded data"
    (by_root,) = _mine(tmp_path, tmp_path / "fork", exclude_data=(tmp_path / "held",)).repositories
    first = git(held, "rev-parse", "HEAD").decode()[:12]
    assert by_root["refused"] == f"held out: begins with commit {first} of the excluded data"
    with pytest.raises(UsageError, match="no pairs"):
        pairs.files(tmp_path / "out")


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    """Unless its commit or an option changed, or it was not finished."""
    one, two = clone(tmp_path / "one"), clone(tmp_path / "two", "delta")
    said: list[str] = []
    options = MiningOptions(out=tmp_path / "out", repos=(one, two), jobs=1)

    def names() -> list[str]:
        said.clear()
        mine(options, said.append)
        return [line.split()[1].rstrip(":") for line in said if re.match(r"\d+/\d+ ", line)]

    assert names() == ["one", "two"]
    before = (tmp_path / "out/pairs/one.jsonl.gz").read_bytes()
    assert names() == []
    (tmp_path / "out/work/one/about.json").unlink()
    assert names() == ["one"]
    assert (tmp_path / "out/pairs/one.jsonl.gz").read_bytes() == before
    write(two, {"more.py": module("kappa")})
    git(two, "add", "-A")
    git(two, "commit", "-qm", "More")
    assert names() == ["two"]
    options = replace(options, seed=1)
    assert names() == ["one", "two"]
    options = replace(options, repos=(one,))
    assert names() == []
    assert [path.name for path in pairs.files(tmp_path / "out")] == ["one.jsonl.gz"]


def test_hostile_files(tmp_path: Path) -> None:
    """Each is left out with its reason, and the rest is mined."""
    one = clone(tmp_path / "one", "alpha", **{
        "deep.py": "(" * 200_000, "nul.py": "a\0b", "wide.js": "x" * 50_000, "large.py": "x = 1\n" * 200_000,
        "spaced \"name\"\n.py": module("beta"), "half.py": "def f(:\n    '''\n" + module("gamma"),
    })  # fmt: skip
    write(one, {"latin.py": "# \xe9\n".encode("latin-1") + module("delta").encode()})
    git(one, "add", "-A")
    git(one, "commit", "-qm", "Add")
    outcome = _mine(tmp_path, one)
    assert {"alpha", "beta", "delta"} <= {pair.symbol for pair in _pairs(tmp_path)}
    for rule, path in (("file: larger than 1 MB", "large.py"), ("file: binary", "nul.py")):
        assert outcome.drops[rule]["examples"] == [f"one {path}"]
    assert any("deep.py" in example for row in outcome.drops.values() for example in row["examples"])


def test_a_file_that_kills_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository is mined once more without it; one that takes too long is left out."""
    code = (
        "import os\nfrom research.mining import processes, repository\nof_text = repository.of_text\n"
        "def deadly(path, *rest):\n    return os._exit(9) if path == 'bad.py' else of_text(path, *rest)\n"
        "repository.of_text = deadly\nprocesses.main()\n"
    )
    monkeypatch.setattr(processes, "_COMMAND", (sys.executable, "-P", "-c", code))
    outcome = _mine(tmp_path, clone(tmp_path / "one", "alpha", **{"bad.py": module("beta")}))
    assert outcome.drops["file: killed or stalled its parser"]["examples"] == ["one bad.py"]
    assert {pair.symbol for pair in _pairs(tmp_path)} == {"alpha"}
    late = _mine(tmp_path, clone(tmp_path / "two", "delta"), seconds=0.001)
    assert late.repositories[0]["refused"] == "could not be mined: took longer than 0.001 s"


def test_a_list_of_repositories(tmp_path: Path) -> None:
    """Only those, at their commits; what is missing is said."""
    one = clone(tmp_path / "in" / "a+one", "alpha")
    first = git(one, "rev-parse", "HEAD").decode().strip()
    write(one, {"more.py": module("beta")})
    git(one, "add", "-A")
    git(one, "commit", "-qm", "More")
    clone(tmp_path / "in" / "b+two", "gamma")
    listed = write(tmp_path, {"list.json": json.dumps([
        {"name": "a/one", "commit": first}, {"name": "c/three", "commit": ""},
    ])}) / "list.json"  # fmt: skip
    said: list[str] = []
    outcome = mine(
        MiningOptions(out=tmp_path / "out", repos=(tmp_path / "in",), listed=listed, jobs=1), said.append
    )
    assert [(row["name"], row["commit"]) for row in outcome.repositories] == [("a/one", first)]
    assert {pair.symbol for pair in _pairs(tmp_path)} == {"alpha"}
    assert any("no clone of c/three" in line for line in said)
    toml = write(tmp_path, {"l.toml": f'[[repository]]\nname = "a/one"\ncommit = "{"0" * 40}"\n'}) / "l.toml"
    again = mine(
        MiningOptions(out=tmp_path / "out", repos=(tmp_path / "in",), listed=toml, jobs=1), said.append
    )
    assert again.repositories[0]["commit"] == git(one, "rev-parse", "HEAD").decode().strip()
    assert any("lacks commit 000000000000" in line for line in said)


def test_limits_and_kinds_of_files(tmp_path: Path) -> None:
    """Tests never ask by their documentation; vendored folders, languages and numbers are minded."""
    many = {f"pkg{n}/code.py": function(f"f{n}") for n in range(12)}
    getters = {f"get{n}/code.py": function(f"get{n}").replace(f"get{n}(", "get(") for n in range(40)}
    tests = {f"tests/test_{n}.py": function(f"test_{n}") for n in range(40)}
    other = {
        "vendor/x.py": module("vendored"),
        "a.rb": "def ruby\n" + "  call(1, 2, 3, 4, 5, 6)\n" * 5 + "end\n",
    }
    one = clone(tmp_path / "one", "alpha", **many, **getters, **tests, **other)
    outcome = _mine(tmp_path, one, languages=("python",))
    found = _pairs(tmp_path)
    assert len({pair.function for pair in found if pair.symbol == "get"}) == 30
    kinds = {pair.kind for pair in found if pair.path.startswith("tests/")}
    assert kinds == {"continue"}
    assert 2 < len({pair.path for pair in found if pair.path.startswith("tests/")}) < 25
    assert "vendored" not in {pair.symbol for pair in found}
    assert {pair.language for pair in found} == {"python"}
    assert outcome.drops["function: one of many with its name"]["count"] == 10
    limited = _mine(tmp_path, one, limit=7)
    assert limited.repositories[0]["functions"] == 7


def test_an_error_in_a_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is lost must not leave the caller waiting for it."""

    class Nameless(Exception):
        def __str__(self) -> str:
            raise RuntimeError("an error without a text")

    def fail(worker: object, task: object) -> None:
        raise Nameless

    monkeypatch.setattr(processes._TaskProcess, "ask", fail)
    with pytest.raises(RuntimeError, match="without a text"):
        list(processes.run(["one"], 1, 1.0))
    monkeypatch.setattr(processes._TaskProcess, "ask", lambda worker, task: task * 2)
    assert sorted(processes.run([1, 2, 3], 2, 1.0)) == [(1, 2), (2, 4), (3, 6)]
    assert list(processes.run([], 2, 1.0)) == []
