"""Pairs from a repository's history."""

from __future__ import annotations

from pathlib import Path

import pytest

from research.datasets import question_texts
from research.mining import pairs
from research.mining.mine import MiningOptions, mine
from research.mining.pairs import Pair

from ...repositories import git, isolate, write
from .clones import clone, function, module

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def _commit(folder: Path, message: str, **files: str) -> None:
    write(folder, {path.replace("__", "/").replace("_py", ".py"): text for path, text in files.items()})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def _mined(tmp_path: Path, folder: Path, **more: int) -> list[Pair]:
    mine(MiningOptions(out=tmp_path / "out", repos=(folder,), jobs=1, **more))
    found = [pair for path in pairs.files(tmp_path / "out") for pair in pairs.read(path)]
    return [pair for pair in found if pair.kind == "commit"]


def test_a_message_and_what_it_changed(tmp_path: Path) -> None:
    """The functions are as they were before, with their documentation; each commit has a number."""
    one = clone(tmp_path / "one", "alpha beta gamma")
    text = module("alpha beta gamma")
    second = text.replace(" an argument", " its argument", 1).replace("return ", "return 1 + ", 2)
    _commit(
        one,
        "Add one to what is returned (#12)\n\n* wip\n\nFixes #11\nSigned-off-by: A <a@b.c>",
        src__code_py=second,
    )
    third = second.replace("def gamma(argument):\n", "def gamma(argument):\n    check(argument)\n")
    _commit(one, "gamma: check the argument before it is used", src__code_py=third)
    found = _mined(tmp_path, one)
    assert [(pair.query, pair.symbol) for pair in found] == [
        ("gamma: check the argument before it is used", "gamma"),
        ("Add one to what is returned", "alpha"),
        ("Add one to what is returned", "beta"),
    ]
    assert found[1].text == function("alpha").rstrip()
    assert found[1].title == "alpha src/code"
    assert [pair.function for pair in found] == [3, 4, 4]
    assert len({pair.query for pair in _mined(tmp_path, one, commits=1)}) == 1
    assert _mined(tmp_path, one, commits=0) == []


def test_commits_that_tell_nothing(tmp_path: Path) -> None:
    """Routine, merges, tests, too many functions, new files and what is between functions."""
    names = "alpha beta gamma delta epsilon zeta"
    one = clone(tmp_path / "one", names)
    text = module(names)
    _commit(one, "Fix typo in the name of a variable", src__code_py=text.replace("return ", "return +", 1))
    _commit(one, "Shorter", src__code_py=text)
    _commit(one, "Change all of the functions at once", src__code_py=text.replace("return ", "return -"))
    _commit(one, "Put everything back to where it was", src__code_py=text)
    _commit(one, "Check the function in a new test", tests__test_a_py=module("eta"))
    _commit(one, "Add a new module for the thing", src__new_py=module("theta"))
    _commit(one, "Import a module before it is used", src__code_py=f"import os\n\n\n{text}")
    git(one, "checkout", "-qb", "side", "HEAD~1")
    _commit(one, "Write about it in the manual", README="Read me.\n")
    git(one, "checkout", "-q", "main")
    git(one, "merge", "-q", "--no-ff", "-m", "Merge all of the side branch", "side")
    assert _mined(tmp_path, one) == []


def test_a_shallow_clone(tmp_path: Path) -> None:
    """Its history is not used, its functions are."""
    one = clone(tmp_path / "one", "alpha")
    _commit(
        one, "Return the negative of the result", src__code_py=module("alpha").replace("return ", "return -")
    )
    _commit(
        one, "Return one more than the result", src__code_py=module("alpha").replace("return ", "return 1+")
    )
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{one}", str(tmp_path / "shallow"))
    outcome = mine(MiningOptions(out=tmp_path / "out", repos=(tmp_path / "shallow",), jobs=1))
    assert outcome.drops["commit: the clone is shallow"]["count"] == 1
    assert outcome.repositories[0]["pairs"]["commit"] == 0
    assert outcome.repositories[0]["functions"] == 1


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Handle the empty list in sort (#1234)", "Handle the empty list in sort"),
        ("sort: keep empty lists\n\nThey went, http://x.org/1", "sort: keep empty lists They went,"),
        ("Handle the empty list\n\n- tests\n- wip\n\nReviewed-by: B\nCloses: #3", "Handle the empty list"),
        ("Merge branch 'main' into the feature", ""),
        ("Bump requests from 2.0 to 2.1", ""),
        ("chore(deps): update the lock file again", ""),
        ("Revert \"Handle the empty list in sort\"", ""),
        ("Corrects a typo in the comment", ""),
        ("исправить ошибку в списке пустых строк", ""),
        ("Fix it now", ""),
    ],
)  # fmt: skip
def test_messages(message: str, question: str) -> None:
    """Numbers, trailers and lists of squashed commits go; routine is no question."""
    assert question_texts.of_message(message, "A <a@b.c>")[0] == question


def test_machines() -> None:
    """What bots write is not used."""
    message = "Handle the empty list in sort"
    assert question_texts.of_message(
        message, "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
    ) == (
        "",
        "commit: by a machine",
    )
