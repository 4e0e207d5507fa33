"""A disk that is full under a host that serves: it says so, goes on answering, and catches up by itself."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from indexer.errors import StoreError
from tests.disks import run_on_disk
from tests.e2e.cli import FILES
from tests.hosts import site
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT

SERVED = """
    import os, sys
    from contextlib import suppress
    from pathlib import Path
    from indexer.errors import DiskFull
    from retrieval.host.client import stop
    from tests.e2e.cli import Cli
    from tests.hosts import Site, until
    from tests.indexes import contents
    from tests.repositories import write
    root, disk, fresh = map(Path, sys.argv[1:])
    os.environ.update(CORNEA_HOME=str(disk / "home"), CORNEA_STORE_RESERVE_MB="1")
    site = Site(Cli(disk / "home", root, {"CORNEA_STORE_RESERVE_MB": "1"}))

    def fill():
        with suppress(OSError), (disk / "filler").open("ab", buffering=0) as filler:
            while True:
                filler.write(bytes(1 << 20))

    def edit(n):
        write(root, {f"f{n}.txt": "".join(f"new{n} words of line {k}: {k * n}\\n" for k in range(300))})

    with site.client() as client:
        client.request("reindex")
        fill()
        for n in range(5):
            edit(n)
            fill()
            try:
                client.request("reindex")
                print("no failure")
            except DiskFull as error:
                print("reindex:", error)
        print("answers:", len(client.request("search", {"query": "words of line"})["hits"]))
        command = site.cli("search", "words")
        print("command:", command.code, command.err.strip())
        rebuilt = site.cli("index", "--rebuild")
        print("rebuild:", rebuilt.code, rebuilt.err.strip())
        print("still there:", len(client.request("search", {"query": "words of line"})["hits"]))
        (disk / "filler").unlink()
        until(lambda: site.finds(client, "new4 words") == ["f4.txt"], pause=0.2)
        print("found:", [site.finds(client, f"new{n} words") for n in range(5)])
        client.request("reindex")
    stop(site.key)
    print("doctor:", site.cli("doctor").out[:17])
    assert site.cli("index", env={"CORNEA_HOME": str(fresh)}).code == 0
    print("as fresh:", contents(root, disk / "home") == contents(root, fresh))
"""


def test_a_full_disk_under_a_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file system of memory, full to the last byte: its clients are told, and nothing is lost."""
    isolate(monkeypatch, tmp_path / "user")
    disk = tmp_path / "disk"
    texts = {f"f{n}.txt": "".join(f"words of line {k}: {k * n}\n" for k in range(300)) for n in range(20)}
    root = write(tmp_path / "root", texts)
    lines = run_on_disk(disk, 200, SERVED, root, disk, tmp_path / "fresh")
    assert all(line.startswith("reindex: ") and "free some" in line for line in lines[:5]), lines
    assert lines[5] == "answers: 10"
    assert lines[6].startswith("command: 2 cornea: error: ")
    assert "free some" in lines[6]
    # A new index would not fit either, so the old one stays.
    assert lines[7].startswith("rebuild: 2 cornea: error: ")
    assert lines[8] == "still there: 10"
    # Nobody told it that there is room again.
    assert lines[9] == f"found: {[[f'f{n}.txt'] for n in range(5)]}"
    assert lines[10:] == ["doctor: no problems found", "as fresh: True"]


def test_a_signal_of_a_page_that_has_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a mapped file does on a disk without room: the host dies, its client asks another one."""
    with site(tmp_path, FILES, monkeypatch) as shop, shop.client() as client:
        client.request("reindex")
        many = {f"many/m{n}.py": f"def m{n}(): return {n}\n" * 20 for n in range(200)}
        write(shop.cli.folder, many)
        first, asked = shop.process(), client.submit("reindex", {})[2]
        first.send_signal(signal.SIGBUS)
        first.wait(LIMIT)
        with pytest.raises(StoreError, match="the host went away"):
            asked.result(LIMIT)
        assert shop.finds(client, "RetryDelay") == ["net/retry.go"]
        assert shop.note.pid != first.pid
        client.request("reindex")
        assert client.request("status")["files"] == len(FILES) + len(many)


LOOKED_AT = """
    import json, sys
    from contextlib import suppress
    from pathlib import Path
    from tests.e2e.cli import Cli
    root, disk = map(Path, sys.argv[1:])
    cli = Cli(disk / "home", root, {"CORNEA_STORE_RESERVE_MB": "1"})
    assert cli("index").code == 0
    with (disk / "filler").open("ab", buffering=0) as filler:
        with suppress(OSError):
            while True:
                filler.write(bytes(1 << 20))
    print(json.dumps(cli("doctor", "--fix").out))
    with (disk / "filler").open("ab") as filler:
        filler.truncate(filler.tell() - (4 << 20))
    print(json.dumps(cli("doctor", "--fix").out))
    (disk / "filler").unlink()
    print(json.dumps(cli("doctor").out))
"""


def test_the_doctor_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the disk and what is too little; a healthy index is not to be rebuilt for that."""
    isolate(monkeypatch, tmp_path / "user")
    disk = tmp_path / "disk"
    root = write(tmp_path / "root", FILES)
    full, nearly, well = map(json.loads, run_on_disk(disk, 200, LOOKED_AT, root, disk))
    for said in (full, nearly):
        assert said.count("store: ") == 1, said
        assert "shard: not enough disk space to open it: " in said
        assert "free some space, or set CORNEA_HOME to a folder on another disk" in said
        assert "repaired" not in said
        assert "rebuil" not in said
    assert "contents.sqlite3: not enough disk space" in full
    assert well.startswith("no problems found"), well
