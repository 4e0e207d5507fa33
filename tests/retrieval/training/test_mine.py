"""Mining pairs from local clones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from retrieval.training import pairs
from retrieval.training.mine import Options, Outcome, mine
from retrieval.training.pairs import Pair

from ...repositories import isolate, repository
from .clones import GPL, MIT, clone, function, module


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def _mine(tmp_path: Path, *repos: Path, **more: Any) -> Outcome:
    return mine(Options(out=tmp_path / "out", repos=repos, jobs=1, **more))


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
        mine(Options(out=tmp_path / out, repos=(one, two), jobs=2, seed=seed))
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
    assert rows["renamed"]["refused"] == "held out: it is owner/project by its name in package.json"
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
