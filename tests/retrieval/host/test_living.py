"""The life of a host: started, used by commands, replaced, stopped, idle, dead and back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

import cornea
from indexer.errors import ConfigError, CorneaError, StoreError, UsageError
from indexer.store.lock import IndexLock
from retrieval.host.client import Client, stop
from retrieval.host.launch import MAX_LOG
from retrieval.host.messages import OUTDATED, HostGone, RequestRefused
from tests.hosts import Raw, Site, closed, until
from tests.repositories import write
from tests.support.schemas import validate
from tests.support.waiting import LIMIT


def test_commands_ask_it(shop: Site) -> None:
    """They give what they give without it, at once after an edit, and need no lock."""
    alone = shop.cli("search", "how are passwords hashed", "--json", "--explain")
    assert alone.code == 0, alone.err
    with shop.client() as client:
        client.request("reindex")
        asked = shop.cli("-v", "search", "how are passwords hashed", "--json", "--explain")
        assert asked.out == alone.out
        assert f"asking the host, process {shop.note.pid}" in asked.err
        write(shop.cli.folder, {"src/quokka.py": "def quokka(): pass\n"})
        found = shop.cli("search", "quokka", "--format", "vimgrep")
        assert found.out.startswith("src/quokka.py:1:1:def quokka(): pass\n")
        assert shop.cli("similar", "src/quokka.py:1", "--json").code in (0, 1)
        assert shop.cli("continue", "src/auth.py:8", "--json", "--all").code in (0, 1)
        assert json.loads(shop.cli("index", "--json").out)["unchanged"] == 4
        rebuilt = json.loads(shop.cli("index", "--json", "--rebuild").out)
        assert rebuilt["added"] == 4
        batch = shop.cli("search", "--batch", "-", stdin='{"id": 1, "query": "quokka"}\n{"id": 2}\n')
        assert [json.loads(line).get("error") is None for line in batch.out.splitlines()] == [True, False]
        assert client.request("status")["clients"] == 1


def test_the_python_api_asks_it(shop: Site) -> None:
    """With the answers of an index of its own, and goes on by itself when the host leaves."""
    with cornea.open(shop.cli.folder) as repository:
        repository.update()
        alone = repository.search("how are passwords hashed"), repository.similar("src/auth.py", 6)
    with shop.client() as client:
        client.request("reindex")
        with cornea.open(shop.cli.folder) as repository:
            assert (
                repository.search("how are passwords hashed"),
                repository.similar("src/auth.py", 6),
            ) == alone
            write(shop.cli.folder, {"src/quokka.py": "def quokka(): pass\n"})
            assert repository.update().unchanged >= 3
            assert repository.search("quokka")[0].path == "src/quokka.py"
            assert stop(shop.key) > 0
            assert repository.search("quokka")[0].path == "src/quokka.py"
            with pytest.raises(UsageError, match="unknown language"):
                repository.search("x", languages=["klingon"])


def test_status_and_stop(shop: Site) -> None:
    """Both say what is; without a host that is a fact too, not an error."""
    assert shop.cli("host", "status").code == 1
    assert json.loads(shop.cli("host", "status", "--json").out)["pid"] is None
    assert shop.cli("host", "stop").code == 1
    with shop.client() as client:
        client.request("reindex")
        pid = shop.note.pid
        shown = shop.cli("host", "status")
        assert (shown.code, shown.err) == (0, "")
        assert f"{pid} (version" in shown.out
        seen = json.loads(shop.cli("host", "status", "--json").out)
        assert (seen["pid"], seen["files"], seen["watches"]) == (pid, 3, "events")
        stopped = shop.cli("host", "stop", "--json")
        assert json.loads(stopped.out)["stopped"] == pid
        assert shop.is_free()
        assert not list(shop.key.folder.glob("host.[js]*"))


def test_clear_with_a_host(shop: Site) -> None:
    """The host goes first."""
    with shop.client() as client:
        client.request("reindex")
        pid = shop.note.pid
        done = shop.cli("clear", "--yes")
        assert (done.code, done.err) == (0, f"cornea: removed the index of {shop.cli.folder}\n")
        until(lambda: not psutil.pid_exists(pid))


def test_it_leaves_when_idle(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not while somebody is connected; then it is gone with its lock, note and socket."""
    monkeypatch.setenv("CORNEA_HOST_IDLE_SECONDS", "1")
    with shop.client() as client:
        client.request("reindex")
        process = shop.process()
        time.sleep(1.5)
        assert client.request("status")["pid"] == process.pid
    process.wait(LIMIT)
    assert shop.is_free()
    assert not list(shop.key.folder.glob("host.[js]*"))


def test_two_start_one_host(shop: Site) -> None:
    """Many clients that come at once end up with the same process, and none waits for long."""
    clients: list[Client] = []
    threads = [threading.Thread(target=lambda: clients.append(shop.client())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({client.greeting["pid"] for client in clients}) == 1
    for client in clients:
        client.close()


def test_a_newer_version_replaces_it(shop: Site) -> None:
    """The old host makes room; an older client is served, one that speaks otherwise is told."""
    with shop.client() as client:
        client.request("reindex")
        old = shop.note
        with Raw(old) as raw:
            assert raw.hello(version="0.0.1")["result"]["pid"] == old.pid
        with Raw(old) as raw:
            assert "speaks protocol 2" in raw.hello(protocol=1)["error"]["message"]
            assert closed(raw.socket)
        with Raw(old) as raw:
            assert raw.hello(version="99.0", protocol=7)["error"]["kind"] == OUTDATED
        psutil.Process(old.pid).wait(LIMIT)
        assert shop.finds(client, "expire") == ["src/auth.py"]
        assert shop.note.pid != old.pid
    newer = replace(shop.key, version="99.0")
    assert Client.connect(newer) is None


def test_it_comes_back_after_a_crash(shop: Site) -> None:
    """A question that found it dead is asked again, of a new one; what writes is not; events tell."""
    heard: list[str] = []
    with shop.client(lambda name, _: heard.append(name)) as client:
        client.request("reindex")
        first = shop.process()
        first.kill()
        first.wait(LIMIT)
        assert shop.finds(client, "RetryDelay") == ["net/retry.go"]
        assert shop.note.pid != first.pid
        until(lambda: "gone" in heard)
        assert heard.count("gone") == 1
        process, submit = shop.process(), client.submit
        process.suspend()

        def last(method: str, params: dict[str, Any]) -> Any:
            """Send a request to a host that dies before it answers: once dead, another one would be asked."""
            sent = submit(method, params)
            process.kill()
            return sent

        with pytest.MonkeyPatch.context() as patch, pytest.raises(HostGone):
            patch.setattr(client, "submit", last)
            client.request("reindex")
        assert shop.finds(client, "expire") == ["src/auth.py"]


def test_what_a_dead_one_left_is_in_nobodys_way(shop: Site) -> None:
    """A command finds a note and a socket, and nobody behind them: it does the work itself."""
    with shop.client() as client:
        client.request("reindex")
        process = shop.process()
        process.kill()
        process.wait(LIMIT)
    assert Path(shop.note.path).exists()
    assert shop.cli("search", "RetryDelay").code == 0
    assert shop.cli("host", "status").code == 1
    assert stop(shop.key) == 0


def test_other_settings(shop: Site) -> None:
    """A change of the settings on disk takes effect at once; a command with its own settings uses them."""
    write(
        shop.cli.folder, {"drafts/quokka.py": "def quokka(): pass\n", ".hidden/h.py": "def hidden(): pass\n"}
    )
    with shop.client() as client:
        client.request("reindex")
        assert shop.finds(client, "def quokka") == ["drafts/quokka.py"]
        pid = shop.note.pid
        write(shop.cli.folder, {".cornea.toml": '[index]\nexclude = ["drafts/"]\n'})
        until(lambda: not shop.finds(client, "def quokka"))
        assert shop.note.pid == pid
        found = shop.cli("search", "--format", "vimgrep", "hidden", env={"CORNEA_INDEX_HIDDEN": "true"})
        assert ".hidden/h.py" in found.out
        client.request("reindex")  # another host: that one had to go
        write(shop.cli.folder, {".cornea.toml": "nonsense"})
        with pytest.raises(ConfigError, match="not valid TOML"):
            client.request("reindex")
        (shop.cli.folder / ".cornea.toml").unlink()


def test_it_cannot_start(shop: Site) -> None:
    """The client is told why, in one line."""
    place = shop.key
    write(shop.cli.home, {"config.toml": "[index]\nmax_files = 'many'\n"})
    with pytest.raises(StoreError, match="max_files must be a whole number"):
        Client.connect(place, start=True)
    (shop.cli.home / "config.toml").unlink()


def test_a_signal_ends_it_well(shop: Site) -> None:
    """As a shutdown of the machine does: nothing is left behind."""
    with shop.client() as client:
        client.request("reindex")
        process = shop.process()
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT)
        assert shop.is_free()
    log = (shop.key.folder / "host.log").read_text()
    assert "leaving: received signal 15" in log


@pytest.mark.parametrize("what", ["root", "index", "note", "socket"])
def test_it_leaves_when_what_it_needs_is_deleted(shop: Site, what: str) -> None:
    """Within seconds, with clients too, and without rebuilding anything; a client starts another one."""
    with shop.client() as client:
        client.request("reindex")
        process, folder = shop.process(), shop.key.folder
        place = {"root": shop.cli.folder, "index": folder, "note": folder / "host.json"}.get(what)
        place = place or Path(shop.note.path)
        if place.is_dir():
            # Renamed first: the host may write a file between the removal of the others and of their folder.
            shutil.rmtree(place.rename(place.with_name("removed")))
        else:
            place.unlink()
        process.wait(LIMIT)
        assert place.exists() is False
        if what == "root":
            with pytest.raises(StoreError, match=r"went away|[Nn]o such"):
                client.request("status")
            write(shop.cli.folder, {"src/again.py": "def again(): pass\n"})
        client.request("reindex")
        assert shop.finds(client, "def") != []
        assert shop.note.pid != process.pid


def test_another_folder_in_the_place_of_the_root(shop: Site) -> None:
    """Nobody hears of the events of that one: another host watches it."""
    with shop.client() as client:
        client.request("reindex")
        process, root = shop.process(), shop.cli.folder
        root.rename(root.with_name("former"))
        shutil.copytree(root.with_name("former"), root)
        process.wait(LIMIT)
        client.request("reindex")
        write(root, {"src/again.py": "def knead_again(): pass\n"})
        until(lambda: shop.finds(client, "def knead_again") == ["src/again.py"], pause=0.1)


def test_questions_while_it_is_built_anew(shop: Site) -> None:
    """They are answered from the whole, or say that they are not, or wait; the host survives it."""
    question = {"text": "retry_delay waits too long", "limit": 1}
    over, answers, troubles = threading.Event(), [], []

    def asked(method: str, params: dict[str, Any]) -> None:
        with shop.client() as client:
            while not over.is_set():
                try:
                    answers.append((method, client.request(method, params)))
                except CorneaError as error:
                    troubles.append(f"{method}: {error}")

    with shop.client() as client:
        client.request("reindex")
        process = shop.note.pid
        whole = client.request("locate", question)["functions"]
        jobs = [("locate", question), ("locate", question | {"refresh": True}), ("status", {})]
        threads = [threading.Thread(target=asked, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for _ in range(12):
            client.request("reindex", {"rebuild": True})
        over.set()
        for thread in threads:
            thread.join()
        assert troubles == []
        assert shop.note.pid == process
    located = [answer for method, answer in answers if method == "locate"]
    assert len(located) >= 2
    assert all(answer["functions"] == whole or "indexing" in answer for answer in located)


def test_a_command_whose_host_dies(shop: Site) -> None:
    """It begins again, with another host or without one: nothing is lost by that."""
    many = {f"many/m{n}.py": f"def m{n}(): return {n}\n" * 50 for n in range(300)}
    with shop.client() as client:
        client.request("reindex")
        write(shop.cli.folder, many)
        command = subprocess.Popen(
            shop.cli.command("index", "--rebuild", "--json"), cwd=shop.cli.folder, env=shop.cli.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with command:
            until(lambda: client.request("status")["indexing"])
            shop.process().kill()
            out, err = command.communicate(timeout=LIMIT)
        assert command.returncode == 0, err
        validate("commands/index", json.loads(out))
        assert json.loads(out)["added"] + json.loads(out)["unchanged"] >= len(many)


def test_who_was_connected_is_said_when_it_is_stopped(shop: Site) -> None:
    """So that nobody wonders where the next one comes from."""
    with shop.client():
        done = shop.cli("host", "stop")
        assert "it had 1 client, which may start another host" in done.err
    with shop.client():
        pass
    assert "connected" not in shop.cli("host", "stop").err


def test_the_log_is_bounded(shop: Site) -> None:
    """A long one is started again."""
    shop.key.folder.mkdir(parents=True)
    (shop.key.folder / "host.log").write_bytes(b"x" * (MAX_LOG + 1))
    with shop.client():
        assert (shop.key.folder / "host.log").stat().st_size < 1000


def test_an_event_while_indexing(shop: Site) -> None:
    """Progress, then what was done; questions are answered meanwhile."""
    heard: list[tuple[str, dict[str, object]]] = []
    write(shop.cli.folder, {f"many/m{n}.py": f"def m{n}(): return {n}\n" * 20 for n in range(300)})
    with shop.client(lambda name, params: heard.append((name, params))) as client:
        done = client.submit("reindex", {})[2]
        until(lambda: any(name == "progress" for name, _ in heard) or done.done())
        client.request("search", {"query": "m7"})
        done.result(LIMIT)
        until(lambda: any(name == "updated" for name, _ in heard))
        assert {name for name, _ in heard} == {"progress", "updated"}
        assert sum(int(str(params["added"])) for name, params in heard if name == "updated") == 303


def test_another_user_of_the_lock(shop: Site) -> None:
    """While a command holds the index a client's host waits for it, and says who has it if that lasts."""
    lock = IndexLock(shop.key.folder)
    lock.acquire(0.0)
    timer = threading.Timer(1.0, lock.release)
    timer.start()
    with shop.client() as client:
        client.request("reindex")
    timer.join()


def test_refusals_are_errors(shop: Site) -> None:
    """A wrong token, no hello at all: said, and the end of the connection."""
    with shop.client():
        with Raw(shop.note) as raw:
            assert "token is wrong" in raw.hello(token="x")["error"]["message"]
            assert closed(raw.socket)
        with Raw(shop.note) as raw:
            raw.send({"id": 1, "method": "search", "params": {"query": "x"}})
            assert "not a hello" in raw.receive()["error"]["message"]
            assert closed(raw.socket)
        (shop.key.folder / "host.json").write_text(
            (shop.key.folder / "host.json").read_text().replace(shop.note.token, "0" * 32)
        )
        with pytest.raises(RequestRefused, match="token"):
            Client.connect(shop.key)
        os.kill(shop.note.pid, signal.SIGTERM)


def test_a_command_says_that_it_replaces_an_older_host(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, and the answer comes from the index itself."""
    from cornea import hosting

    with shop.client() as client:
        client.request("reindex")
        old = shop.note
    monkeypatch.setattr(hosting, "__version__", "99.0")
    said: list[str] = []
    monkeypatch.setattr(hosting.output, "say", said.append)
    from cornea.context import load

    assert hosting.HostedIndex.connect_if_running(load(shop.cli.folder)) is None
    assert said == [f"the host of version {old.version} is being replaced by version 99.0"]
    psutil.Process(old.pid).wait(LIMIT)
    assert hosting.HostedIndex.connect_if_running(load(shop.cli.folder)) is None
    assert len(said) == 1
