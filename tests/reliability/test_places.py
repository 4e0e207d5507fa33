"""Indexes in places that will not have them, and clocks that are wrong: a clear line, and no work by hand."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests import unprivileged
from tests.e2e.cli import FILES
from tests.hosts import site, until
from tests.indexes import child, told
from tests.repositories import write

ASK = """
    import json, os, sys
    from pathlib import Path
    from indexer.errors import CorneaError
    from retrieval.host.client import stop
    from tests.e2e.cli import Cli
    from tests.hosts import Site
    root, home = map(Path, sys.argv[1:3])
    os.environ["CORNEA_HOME"] = str(home)
    site = Site(Cli(home, root, {"CORNEA_STORE_RESERVE_MB": "1"}))
    said = []
    for words in (("search", "RetryDelay", "--format", "vimgrep"), ("doctor",), ("status",)):
        done = site.cli(*words)
        said.append(f"{done.code} {done.out}{done.err}".strip())
    try:
        with site.client() as client:
            said.append(f"{site.finds(client, 'RetryDelay')}")
        stop(site.key)
    except CorneaError as error:
        said.append(str(error))
    for words in sys.argv[3:]:
        done = site.cli(*words.split())
        said.append(f"{done.code} {done.out}{done.err}".strip())
    print(json.dumps(said))
"""


def asked(root: Path, home: Path, *more: str) -> list[str]:
    """What a search, the doctor, `status`, a client of a host, and `more` commands say, to a user without
    rights.
    """
    env = {"CORNEA_STORE_RESERVE_MB": "1", "CORNEA_STORE_WAIT_SECONDS": "5"}
    said: list[str] = json.loads(told(child(ASK, root, home, *more, powerless=True, env=env)))
    assert "Traceback" not in "".join(said)
    return said


@pytest.mark.parametrize("indexed", [False, True])
def test_a_cache_that_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    """Everybody says which folder, and what to do; once it may be written all is well by itself."""
    with site(tmp_path, FILES, monkeypatch) as shop:
        home = shop.cli.home
        home.mkdir()
        if indexed:
            assert shop.cli("index").code == 0
        folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o500)
        try:
            command, doctor, status, host = asked(shop.cli.folder, home)
        finally:
            for folder in folders:
                folder.chmod(0o700)
        assert command.startswith("2 cornea: error: ")
        for said in (command, host):
            assert str(home) in said
            assert "(Permission denied)" in said
            assert "CORNEA_HOME" in said
        assert doctor.startswith(f"1 disk: {home}: is not writable")
        assert (f"folder: {home}/indexes/" in doctor) == indexed
        assert (f"cache: {home}/contents.sqlite3: is not writable" in doctor) == indexed
        assert "remove it" not in doctor
        assert status.startswith("0 root " if indexed else "1 root ")
        found = asked(shop.cli.folder, home)
        assert found[0].startswith("0 net/retry.go:4:1:func RetryDelay(attempt int) int {")
        assert found[1].startswith("0 no problems found")
        assert found[3] == "['net/retry.go']"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to another user")
@pytest.mark.parametrize("which", ["all", "one index"])
def test_an_index_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    """As `sudo cornea` leaves it: every command says so and touches nothing; given back it is used again."""
    with site(tmp_path, FILES, monkeypatch) as shop:
        assert shop.cli("index").code == 0
        place = shop.cli.home if which == "all" else shop.key.folder
        owner, things = place.stat(), [place, *place.rglob("*")]
        for path in things:
            os.chown(path, unprivileged.NOBODY, unprivileged.NOBODY)
            path.chmod(0o700 if path.is_dir() else 0o600)
        before = {path: path.stat().st_mtime_ns for path in things}
        more = ("clear --yes", "clear --all --yes", "host status", "host stop", "doctor --fix")
        command, doctor, status, host, *others = asked(shop.cli.folder, shop.cli.home, *more)
        assert command.startswith("2 cornea: error: ")
        for said in others[:4]:
            assert said.startswith("2 cornea: error: ")
            assert str(place) in said
            assert "(Permission denied)" in said
        if which == "one index":
            assert (status[0], "none yet" in status) == ("1", False)
            assert f"trouble     {place}: may not be read (Permission denied)" in status
            for said in (doctor, others[4]):
                assert said.startswith(f"1 folder: {place}: is not readable: it belongs to another user")
                assert "repaired" not in said
        for said in (command, doctor, host):
            assert str(place) in said
            assert "Permission denied" in said or "another user" in said
        assert {path: path.stat().st_mtime_ns for path in things} == before
        for path in things:
            os.chown(path, owner.st_uid, owner.st_gid)
        assert json.loads(shop.cli("index", "--json").out)["unchanged"] == len(FILES)


def test_a_path_too_long_for_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket is elsewhere, closed to others; commands find the host, and nothing is left over."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime) if len(str(runtime)) < 50 else "/tmp")
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with site(deep, FILES, monkeypatch) as shop:
        with shop.client() as client:
            client.request("reindex")
            path = Path(shop.note.path)
            assert not path.is_relative_to(shop.key.folder)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            assert "asking the host" in shop.cli("-v", "search", "RetryDelay").err
            shop.process().kill()
            assert shop.finds(client, "RetryDelay") == ["net/retry.go"]
            left = [path]
        assert shop.cli("host", "stop").code == 0
        assert not [path for path in left if path.exists()]


SHIFTED = '''\
"""Loaded by every Python process of a run: its clock goes wrong by so many seconds as a file says."""
import os, time

def shift():
    try:
        with open(os.environ["CLOCK"]) as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0

def shifted(real, unit):
    return lambda: real() + shift() * unit

time.time, time.time_ns = shifted(time.time, 1), shifted(time.time_ns, 10**9)
'''
DAY = 86_400
QUOKKA = "package net\n\nfunc Quokka{}() int {{ return 1 }}\n"


def test_a_clock_that_goes_backwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a day while a host runs, and for commands: every edit is found, whatever its time says."""
    write(tmp_path, {"clock/sitecustomize.py": SHIFTED, "now": str(DAY)})
    monkeypatch.setenv("CLOCK", str(tmp_path / "now"))
    path = os.pathsep.join(filter(None, (str(tmp_path / "clock"), os.environ.get("PYTHONPATH"))))
    monkeypatch.setenv("PYTHONPATH", path)
    with site(tmp_path, FILES, monkeypatch) as shop:
        shop.cli.env["PYTHONPATH"] = os.pathsep.join((path, shop.cli.environment()["PYTHONPATH"]))
        ahead = shop.cli.folder / "net/retry.go"
        stamp = ahead.stat().st_mtime + DAY
        os.utime(ahead, (stamp, stamp))
        with shop.client() as client:
            client.request("reindex")
            (tmp_path / "now").write_text("0")
            for n in range(3):  # of the same length, each time
                write(
                    shop.cli.folder, {"net/retry.go": f"package net\n\nfunc Quokka{n}() int {{ return 1 }}\n"}
                )
                until(lambda n=n: shop.finds(client, f"func Quokka{n}("))
            assert client.request("status")["trouble"] == ""
        assert shop.cli("host", "stop").code == 0
        write(shop.cli.folder, {"net/retry.go": QUOKKA.format(7)})
        assert "Quokka7" in shop.cli("search", '"func Quokka7("').out
        assert shop.cli("doctor").code == 0
