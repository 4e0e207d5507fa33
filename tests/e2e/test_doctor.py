"""`cornea doctor`: silent where all is well, and for each thing that is wrong a finding, a remedy, a mend."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cornea.commands import doctor
from cornea.doctor import Finding
from indexer.fragment import Entry
from indexer.index.manifest import Manifest
from indexer.skip_reason import SkipKind, SkipReason
from tests.indexes import child, told

from .cli import Cli


@pytest.fixture
def indexed(shop: Cli, tmp_path: Path) -> Cli:
    """A copy of a small folder and of its index, to be damaged."""
    shutil.copytree(shop.folder, tmp_path / "shop")
    cli = Cli(tmp_path / "home", tmp_path / "shop", {"CORNEA_STORE_RESERVE_MB": "1"})
    assert cli("index").code == 0
    return cli


def place(cli: Cli) -> Path:
    return next((cli.home / "indexes").iterdir())


LOSE = """
    import sys
    from pathlib import Path
    from indexer.store import Filter, Match, StoreConfig
    from indexer.store.storage import open_store
    store = open_store(StoreConfig(Path(sys.argv[1]), 256, reserve_bytes=0))
    store.delete(Filter((Match("path", ("net/retry.go",)),)))
    store.close()
"""


def lose_points(folder: Path) -> None:
    # In a process of its own: what native code does for ever no test's time limit could end.
    told(child(LOSE, folder / "shard"))


def edit(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "manifest.sqlite3")) as db:
        db.execute(sql)
        db.commit()


def overwrite(path: Path, content: bytes) -> None:
    path.write_bytes(content)


DEAD = {"pid": 2**22 + 1, "command": "x", "since": 1.0, "started": "1"}
HOST = {"pid": 2**22 + 1, "version": "0", "token": "t", "path": "/nonexistent/s", "port": 0}
DAMAGES: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "no description": ("folder", lambda at: (at / "index.json").unlink()),
    "no manifest": ("manifest", lambda at: (at / "manifest.sqlite3").unlink()),
    "a changed row": ("manifest", lambda at: edit(at, "UPDATE files SET fragments = 99")),
    "garbage": ("manifest", lambda at: overwrite(at / "manifest.sqlite3", os.urandom(9000))),
    "cut off": ("manifest", lambda at: edit(at, "INSERT INTO pending VALUES ('src/auth.py', 0, 0)")),
    "no shard": ("store", lambda at: (shutil.rmtree(at / "shard"), (at / "shard").mkdir())),
    "lost points": ("store", lose_points),
    "a dead owner": ("leftovers", lambda at: overwrite(at / "owner.json", json.dumps(DEAD).encode())),
    "a dead host": ("host", lambda at: overwrite(at / "host.json", json.dumps(HOST).encode())),
    "a torn note": ("host", lambda at: overwrite(at / "host.json", b'{"pid"')),
    "died": ("leftovers", lambda at: overwrite(at / "died.txt", b"Fatal Python error: Aborted\n")),
    "aside": ("leftovers", lambda at: (at / "damaged").mkdir()),
    "the cache": ("cache", lambda at: overwrite(at.parents[1] / "contents.sqlite3", os.urandom(70_000))),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_wrong_is_found_and_repaired(indexed: Cli, damage: str) -> None:
    """Found with exit code 1, repaired with 0, and then no problem is left; the answers are there again."""
    check, harm = DAMAGES[damage]
    before = json.loads(indexed("search", "retry delay", "--json").out)["results"]
    harm(place(indexed))
    done = indexed("doctor", "--json")
    answer = json.loads(done.out)
    found = answer["findings"]
    assert done.code == 1, done.err
    for finding in found:
        assert finding["check"] in answer["checks"]
    assert check in {finding["check"] for finding in found}
    assert all(finding["remedy"] and finding["where"] and finding["what"] for finding in found)
    fixed = indexed("doctor", "--fix")
    assert fixed.code == 0, fixed.out + fixed.err
    # Whoever takes the lock replaces its note, who looks at the store too.
    assert "repaired" in fixed.out or damage == "a dead owner"
    again = indexed("doctor")
    assert (again.code, again.out.startswith("no problems found")) == (0, True), again.out
    assert json.loads(indexed("search", "retry delay", "--json").out)["results"] == before


def test_wrong_settings_stop_no_other_check(indexed: Cli) -> None:
    """Those with an error are a finding each; all else is looked at without them."""
    (indexed.folder / ".cornea.toml").write_text("x = [\n")
    done = indexed("doctor", "--json", env={"CORNEA_STORE_WAIT_SECONDS": "soon"})
    answer = json.loads(done.out)
    assert done.code == 1, done.err
    assert [(finding["check"], finding["where"]) for finding in answer["findings"]] == [
        ("settings", str(indexed.folder / ".cornea.toml")),
        ("settings", "environment"),
    ]
    assert {"grammars", "store", "cache"} <= set(answer["checks"])


def test_what_it_cannot_repair_is_said(indexed: Cli) -> None:
    """A file that killed a parser stays a finding, with --fix too; status shows it, too."""
    with closing(Manifest(place(indexed) / "manifest.sqlite3")) as manifest:
        row = Entry("bad.py", 1, 1, 2, "", "", 0, 0, SkipReason(SkipKind.KILLED_PARSER, "signal 11"))
        manifest.record([row])
    done = indexed("doctor", "--fix")
    assert (done.code, "bad.py" in done.out, "signal 11" in done.out) == (1, True, True)
    assert "killed its parser" in indexed("status").out


@pytest.mark.parametrize("left", ["all of it", "nothing"])
def test_repaired_is_what_a_second_look_finds_well(left: str) -> None:
    """A mend that raises nothing and changes nothing has repaired nothing."""
    wrong: list[Finding] = []
    mend = wrong.clear if left == "nothing" else wrong.reverse
    finding = Finding("cache", "the file", "is damaged", "remove it", mend)
    wrong.append(finding)
    assert doctor._repair(finding, lambda: iter(wrong)) == (left == "nothing")


def test_without_an_index_the_rest_is_looked_at(tmp_path: Path) -> None:
    """Nothing is made by looking."""
    (tmp_path / "root").mkdir()
    cli = Cli(tmp_path / "home", tmp_path / "root")
    done = cli("doctor")
    assert (done.code, done.out.startswith("no problems found")) == (0, True), done.out + done.err
    assert not (tmp_path / "home").exists()
    assert cli("doctor", "nowhere").code == 2
