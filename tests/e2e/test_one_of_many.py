"""One of many that fails: it is named, the others are done, and the exit code tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cornea.commands.doctor import _findings
from cornea.doctor import Finding
from indexer.errors import StoreError
from indexer.store.lock import IndexLock

from ..repositories import write
from .cli import Cli

QUICK = {"CORNEA_STORE_WAIT_SECONDS": "0.2"}


@pytest.fixture
def three(tmp_path: Path) -> Cli:
    """Three indexed roots; the command is in the first of them."""
    for name in "abc":
        root = write(tmp_path / name, {"x.py": f"def {name}():\n    return 1\n"})
        assert Cli(tmp_path / "home", root)("index").code == 0
    return Cli(tmp_path / "home", tmp_path / "a")


def _index(cli: Cli, name: str) -> Path:
    (found,) = cli.home.glob(f"indexes/{name}-*")
    return found


def test_clear_goes_on_after_one_that_is_held(three: Cli) -> None:
    """The process that holds it is named once; the others are gone."""
    lock = IndexLock(_index(three, "a"))
    lock.acquire(10.0)
    try:
        done = three("clear", "--all", "--yes", env=QUICK)
        assert done.code == 2
        said = done.err.splitlines()
        (error,) = [line for line in said if line.startswith("cornea: error: ")]
        assert f"the index of {three.folder} was not removed: " in error
        assert {line for line in said if line != error} == {
            f"cornea: removed the index of {three.folder.parent / name}" for name in "bc"
        }
        again = three("clear", "--all", "--yes", "--json", env=QUICK)
        answer = json.loads(again.out)
        assert (again.code, answer["removed"]) == (2, [])
        assert [row["where"] for row in answer["failed"]] == [str(three.folder)]
    finally:
        lock.release()
    assert three("clear", "--all", "--yes").code == 0


def test_clear_names_what_does_not_say_whose_it_is(three: Cli) -> None:
    """A damaged description is no reason to leave an index behind without a word, nor to keep the others."""
    broken = _index(three, "b")
    (broken / "index.json").write_text("{")
    done = three("clear", "--all", "--yes", "--json")
    answer = json.loads(done.out)
    assert (done.code, sorted(answer["removed"])) == (2, [str(three.folder.parent / n) for n in "ac"])
    assert f"{broken}: does not name the root of its index; delete that folder by hand" in done.err
    assert (broken / "manifest.sqlite3").exists()


def test_status_and_search_do_not_mind_other_roots(three: Cli) -> None:
    """What is wrong with one index concerns that one."""
    for name in ("index.json", "manifest.sqlite3"):
        (_index(three, "b") / name).write_bytes(b"\0broken")
    assert three("status").code == 0
    assert three("search", "a").code == 0
    assert three("clear", "--orphans").code == 2


def test_doctor_goes_on_after_a_check_that_fails() -> None:
    """It is a finding of its own; what was found before stays."""
    first = Finding("folder", "here", "wrong", "mend it")

    def check() -> Iterator[Finding]:
        yield first
        raise StoreError("no way to look")

    found = list(_findings("folder", check))
    assert found[0] == first
    assert (found[1].check, found[1].what) == ("folder", "failed: no way to look")

    def unreadable() -> Iterator[Finding]:
        raise PermissionError(13, "Permission denied", "/somewhere")
        yield first

    assert "Permission denied: '/somewhere'" in next(_findings("disk", unreadable)).what


def test_a_bad_line_of_a_batch_is_the_only_one_without_an_answer(three: Cli) -> None:
    """Whatever it holds: half a character, a name that no file has, numbers without an end."""
    odd = [
        {"id": "surrogate", "query": "\ud800 a", "text": "\udcff a", "path": "\ud800.py", "line": 1},
        {"id": "nul", "query": "\0", "text": 7, "path": "x\0.py", "line": 1},
        {"id": "deep", "query": [[]], "text": None, "path": "../b/x.py", "line": 1},
        {"id": "large", "query": {}, "text": [], "path": "x.py", "line": 10**30},
        {"id": "zero", "query": 0, "text": 0, "path": "x.py", "line": 0},
        {"id": "minus", "query": -1, "text": -1, "path": "x.py", "line": -1, "column": -7},
    ]
    good = {"id": "good", "query": "a", "text": "a returns the wrong number", "path": "x.py", "line": 1}
    for command in ("search", "locate", "continue"):
        left_out = {"text"} if command == "continue" else set()
        rows = [{key: row[key] for key in row.keys() - left_out} for row in [*odd, good]]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        done = three(command, "--batch", "-", stdin=lines)
        assert "bug" not in done.err, (command, done.err)
        rows = [json.loads(line) for line in done.out.splitlines()]
        assert [row["id"] for row in rows] == [row["id"] for row in [*odd, good]], (command, done.err)
        assert "results" in rows[-1]
        assert sum("error" in row for row in rows) >= 4, rows
        assert done.code == 2
